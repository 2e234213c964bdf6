package io.quarterdeck.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** The directions of docs/architecture.md §2. */
@AnalyzeClasses(packages = "io.quarterdeck.node", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    @ArchTest
    static final ArchRule FEATURES_DO_NOT_KNOW_EACH_OTHER_IN_CIRCLES =
            slices().matching("io.quarterdeck.node.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule FEATURES_DO_NOT_KNOW_THE_WIRING = noClasses()
            .that()
            .resideInAPackage("io.quarterdeck.node.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.quarterdeck.node");

    @ArchTest
    static final ArchRule ONLY_THE_WIRING_KNOWS_THE_ADAPTER_OF_DOCKER = noClasses()
            .that()
            .resideOutsideOfPackages("io.quarterdeck.node", "io.quarterdeck.node.runtime.docker")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarterdeck.node.runtime.docker", "com.github.dockerjava..");

    @ArchTest
    static final ArchRule ONLY_ADAPTERS_TALK_TO_THE_API = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.quarterdeck.node.pods..",
                    "io.quarterdeck.node.volumes..",
                    "io.quarterdeck.node.images..",
                    "io.quarterdeck.node.probes..",
                    "io.quarterdeck.node.network..",
                    "io.quarterdeck.node.runtime..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarterdeck.client", "io.quarterdeck.feed..", "io.quarterdeck.reconcile");

    @ArchTest
    static final ArchRule THE_DECISION_ON_A_POD_IS_PURE = noClasses()
            .that()
            .haveSimpleName("PodSync")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io", "java.net..", "java.nio..", "io.quarterdeck.node.network", "org.springframework..")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");
}
