package io.quarterdeck.standalone;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.quarterdeck.standalone", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    @ArchTest
    static final ArchRule CHECKS_RUN_FROM_SOURCE_WITH_THE_JDK_ALONE = noClasses()
            .that()
            .resideInAnyPackage("io.quarterdeck.standalone.checks", "io.quarterdeck.standalone.instance")
            .and()
            .doNotHaveSimpleName("package-info")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages(
                    "java..", "io.quarterdeck.standalone.checks", "io.quarterdeck.standalone.instance");

    @ArchTest
    static final ArchRule THE_SERVER_KNOWS_NO_COMMAND_LINE = noClasses()
            .that()
            .resideInAPackage("io.quarterdeck.standalone.server")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.quarterdeck.standalone.cli");
}
