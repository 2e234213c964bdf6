package io.quarterdeck.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** The directions of docs/architecture.md §2. */
@AnalyzeClasses(packages = "io.quarterdeck.api", importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
    private static final String[] DECIDING = {
        "io.quarterdeck.api.document..",
        "io.quarterdeck.api.schema..",
        "io.quarterdeck.api.validation..",
        "io.quarterdeck.api.patch..",
        "io.quarterdeck.api.kinds.."
    };

    @ArchTest
    static final ArchRule DECIDING_CODE_DOES_NO_IO = noClasses()
            .that()
            .resideInAnyPackage(DECIDING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.sql..",
                    "java.net.http..",
                    "java.nio.file..",
                    "jakarta..",
                    "org.apache.kafka..",
                    "org.apache.catalina..",
                    "org.springframework.web..",
                    "org.springframework.jdbc..",
                    "io.quarterdeck.client..");

    @ArchTest
    static final ArchRule DECIDING_CODE_KNOWS_NO_CLOCK = noClasses()
            .that()
            .resideInAnyPackage(DECIDING)
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule WHAT_IS_BELOW_THE_WRITE_PATH_KNOWS_NOTHING_ABOVE_IT = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.quarterdeck.api.document..",
                    "io.quarterdeck.api.schema..",
                    "io.quarterdeck.api.validation..",
                    "io.quarterdeck.api.patch..",
                    "io.quarterdeck.api.store..",
                    "io.quarterdeck.api.cache..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.quarterdeck.api.registry..",
                    "io.quarterdeck.api.kinds..",
                    "io.quarterdeck.api.admission..",
                    "io.quarterdeck.api.http..");

    @ArchTest
    static final ArchRule KINDS_AND_THE_WRITE_PATH_KNOW_NO_HTTP = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.quarterdeck.api.registry..", "io.quarterdeck.api.kinds..", "io.quarterdeck.api.admission..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarterdeck.api.http..", "io.quarterdeck.api.discovery..", "jakarta.servlet..");

    @ArchTest
    static final ArchRule ONLY_THE_WIRING_KNOWS_THE_ADAPTERS_OF_THE_STORE = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.quarterdeck.api.store.postgres..",
                    "io.quarterdeck.api.store.memory..",
                    "io.quarterdeck.api.operations..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarterdeck.api.store.postgres..", "io.quarterdeck.api.store.memory..");

    @ArchTest
    static final ArchRule ONLY_ADAPTERS_SPEAK_SQL = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.quarterdeck.api.store.postgres..",
                    "io.quarterdeck.api.publish..",
                    "io.quarterdeck.api.operations..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.springframework.jdbc..", "jakarta.persistence..");

    @ArchTest
    static final ArchRule NOTHING_THAT_ANSWERS_REQUESTS_KNOWS_KAFKA = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.quarterdeck.api.publish..", "io.quarterdeck.api.audit..", "io.quarterdeck.api.operations..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "org.springframework.kafka..", "io.quarterdeck.api.publish..");
}
