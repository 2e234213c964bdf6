package io.quarterdeck.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** The directions of docs/architecture.md §2. */
@AnalyzeClasses(packages = "io.quarterdeck.proxy", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    @ArchTest
    static final ArchRule FEATURES_DO_NOT_KNOW_EACH_OTHER_IN_CIRCLES =
            slices().matching("io.quarterdeck.proxy.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule FEATURES_DO_NOT_KNOW_THE_WIRING = noClasses()
            .that()
            .resideInAPackage("io.quarterdeck.proxy.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.quarterdeck.proxy");

    @ArchTest
    static final ArchRule RULES_ARE_DECIDED_WITHOUT_IO_AND_WITHOUT_A_MODE = noClasses()
            .that()
            .resideInAPackage("io.quarterdeck.proxy.rules")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io",
                    "java.net..",
                    "java.nio.file..",
                    "java.lang.foreign..",
                    "org.springframework..",
                    "io.quarterdeck.client",
                    "io.quarterdeck.feed..",
                    "io.quarterdeck.proxy.nftables",
                    "io.quarterdeck.proxy.dns")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule ONLY_A_MODE_TALKS_TO_THE_KERNEL = noClasses()
            .that()
            .resideOutsideOfPackages("io.quarterdeck.proxy.nftables")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.foreign");
}
