package io.quarterdeck.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The directions of docs/architecture.md §2, and those between the services: only here all of them are on one class path.
 */
@AnalyzeClasses(packages = "io.quarterdeck", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    /** The packages of common-model and embedded. */
    private static final String[] COMMON = {
        "io.quarterdeck.cel..",
        "io.quarterdeck.client..",
        "io.quarterdeck.embedded..",
        "io.quarterdeck.feed..",
        "io.quarterdeck.model..",
        "io.quarterdeck.pki..",
        "io.quarterdeck.quota..",
        "io.quarterdeck.reconcile.."
    };

    @ArchTest
    static final ArchRule SERVICES_MEET_AT_THE_API = slices().matching("io.quarterdeck.(*)..")
            .namingSlices("$1")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(resideInAPackage("io.quarterdeck.standalone.."), alwaysTrue())
            .ignoreDependency(alwaysTrue(), resideInAnyPackage(COMMON));

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
