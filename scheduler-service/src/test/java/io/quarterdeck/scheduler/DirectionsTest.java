package io.quarterdeck.scheduler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** The directions of docs/architecture.md §2. */
@AnalyzeClasses(packages = "io.quarterdeck.scheduler", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    @ArchTest
    static final ArchRule DECIDING_CODE_DOES_NO_IO = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.quarterdeck.scheduler.cycle",
                    "io.quarterdeck.scheduler.framework",
                    "io.quarterdeck.scheduler.plugins")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io",
                    "java.net..",
                    "java.nio.file..",
                    "io.quarterdeck.client",
                    "io.quarterdeck.reconcile",
                    "org.apache.kafka..");

    @ArchTest
    static final ArchRule DECIDING_CODE_KNOWS_NO_CLOCK = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.quarterdeck.scheduler.cycle",
                    "io.quarterdeck.scheduler.framework",
                    "io.quarterdeck.scheduler.plugins")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule PLUGINS_DO_NOT_KNOW_THE_CYCLE = noClasses()
            .that()
            .resideInAnyPackage("io.quarterdeck.scheduler.plugins", "io.quarterdeck.scheduler.framework")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarterdeck.scheduler.cycle", "io.quarterdeck.scheduler.queue");
}
