package io.quarterdeck.api.kinds.batch;

import static io.quarterdeck.api.validation.Rules.onUpdate;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Jobs. Source: Kubernetes API reference "Job". */
@Component
final class JobStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(JobRules::job, onUpdate(JobRules::update));
    private static final Rules STATUS = Rules.of(Rules.at("status", status -> {
        List.of("active", "succeeded", "failed", "terminating")
                .forEach(field -> status.at(field).nonNegative());
    }));

    @Override
    public GroupResource resource() {
        return new GroupResource("batch", "jobs");
    }

    @Override
    public List<String> deletionWarnings(DeleteOptions options) {
        return options.propagation().isEmpty() && options.orphanDependents().isEmpty()
                ? List.of(
                        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to"
                                + " remove them or set propagationPolicy=Orphan to suppress this warning")
                : List.of();
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status", JsonNodeFactory.instance.objectNode());
        if (next.flag("spec.manualSelector")) {
            return;
        }
        ObjectNode labels = next.object("spec.template.metadata.labels");
        for (String label : List.of("job-name", "batch.kubernetes.io/job-name")) {
            if (!labels.has(label)) {
                labels.put(label, next.name());
            }
        }
        for (String label : List.of("controller-uid", "batch.kubernetes.io/controller-uid")) {
            if (!labels.has(label)) {
                labels.put(label, next.uid());
            }
        }
        ObjectNode selected = next.object("spec.selector.matchLabels");
        if (!selected.has("batch.kubernetes.io/controller-uid")) {
            selected.put("batch.kubernetes.io/controller-uid", next.uid());
        }
        // Upstream fills them in when it reads, and by then the template has these.
        if (next.at("metadata.labels").isEmpty()) {
            next.object("metadata").set("labels", labels.deepCopy());
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return old.isPresent() ? List.of() : PodTemplates.warnings("spec.template", next.at("spec.template"));
    }

    @Override
    public String unsupportedField(String label) {
        return "field label \"%s\" not supported for Job".formatted(label);
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(new SelectableField("status.successful", List.of("status.succeeded"), "0"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodTemplates.columns(TableColumns.of("jobs.batch"), "spec.template.spec.containers")
                .text("Status", JobStrategy::status)
                .text("Completions", JobStrategy::completions)
                .cell("Duration", (job, now) -> JsonNodeFactory.instance.stringNode(duration(job, now)))
                .text("Selector", job -> Cells.selector(job.at("spec.selector")))
                .columns();
    }

    private static String status(Document job) {
        for (String type : List.of("Complete", "Failed")) {
            if (condition(job, type)) {
                return type;
            }
        }
        if (job.deleting()) {
            return "Terminating";
        }
        for (String type : List.of("Suspended", "FailureTarget", "SuccessCriteriaMet")) {
            if (condition(job, type)) {
                return type;
            }
        }
        return "Running";
    }

    private static boolean condition(Document job, String type) {
        for (JsonNode condition : job.items("status.conditions")) {
            if (condition.path("type").asString("").equals(type)
                    && condition.path("status").asString("").equals("True")) {
                return true;
            }
        }
        return false;
    }

    private static String completions(Document job) {
        long succeeded = job.number("status.succeeded", 0);
        if (job.has("spec.completions")) {
            return succeeded + "/" + job.number("spec.completions", 0);
        }
        long parallelism = job.number("spec.parallelism", 0);
        return parallelism > 1 ? "%d/1 of %d".formatted(succeeded, parallelism) : succeeded + "/1";
    }

    private static String duration(Document job, Instant now) {
        Optional<Instant> start = Cells.instant(job.text("status.startTime"));
        if (start.isEmpty()) {
            return "";
        }
        Instant end = Cells.instant(job.text("status.completionTime")).orElse(now);
        return Cells.duration(Duration.between(start.get(), end));
    }
}
