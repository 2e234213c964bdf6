package io.quarterdeck;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** The directions of docs/architecture.md §2. */
@AnalyzeClasses(packages = "io.quarterdeck", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    @ArchTest
    static final ArchRule PACKAGES_DO_NOT_KNOW_EACH_OTHER_IN_CIRCLES =
            slices().matching("io.quarterdeck.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule WHAT_ALL_SHARE_KNOWS_NO_SERVICE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.quarterdeck.api..",
                    "io.quarterdeck.controller..",
                    "io.quarterdeck.scheduler..",
                    "io.quarterdeck.node..",
                    "io.quarterdeck.proxy..",
                    "io.quarterdeck.standalone..");

    @ArchTest
    static final ArchRule SELECTORS_AND_QUANTITIES_DECIDE_ALONE = noClasses()
            .that()
            .resideInAnyPackage("io.quarterdeck.model", "io.quarterdeck.quota")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io", "java.net..", "java.nio.file..", "org.springframework..")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime");

    @ArchTest
    static final ArchRule EXPRESSIONS_DO_NO_IO = noClasses()
            .that()
            .resideInAnyPackage("io.quarterdeck.cel")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.net.http..", "java.nio.file..", "org.springframework..", "io.quarterdeck.client..")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule KAFKA_IS_ONE_EAR_OF_TWO = noClasses()
            .that()
            .resideOutsideOfPackages("io.quarterdeck.feed.kafka", "io.quarterdeck.embedded..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarterdeck.feed.kafka", "org.apache.kafka..", "org.springframework.kafka..");
}
