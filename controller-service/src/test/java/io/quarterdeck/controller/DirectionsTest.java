package io.quarterdeck.controller;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.reconcile.Reconciler;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;

/** The directions of docs/architecture.md §2. */
@AnalyzeClasses(packages = "io.quarterdeck.controller", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    @ArchTest
    static final ArchRule A_RECONCILER_DECIDES_WITHOUT_IO_CLOCK_OR_CHANCE = noClasses()
            .that()
            .areAssignableTo(Reconciler.class)
            .should()
            .dependOnClassesThat(describe(
                    "do I/O, or know the time or chance",
                    type -> type.isEquivalentTo(ApiClient.class)
                            || type.isAssignableTo(InstantSource.class)
                            || type.isAssignableTo(Random.class)
                            || type.getPackageName().startsWith("java.net")
                            || type.getPackageName().startsWith("java.nio.file")
                            || type.getPackageName().startsWith("org.apache.kafka")))
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime");

    @ArchTest
    static final ArchRule RECONCILERS_MEET_THROUGH_OBJECTS = classes()
            .that()
            .areAssignableTo(Reconciler.class)
            .should(new ArchCondition<>("not know another reconciler") {
                @Override
                public void check(JavaClass reconciler, ConditionEvents events) {
                    reconciler.getDirectDependenciesFromSelf().stream()
                            .filter(known -> known.getTargetClass().isAssignableTo(Reconciler.class)
                                    && !known.getTargetClass().isInterface()
                                    && !known.getTargetClass().equals(reconciler))
                            .forEach(known ->
                                    events.add(SimpleConditionEvent.violated(reconciler, known.getDescription())));
                }
            });
}
