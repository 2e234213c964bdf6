package io.quarterdeck.api.kinds.batch;

import static io.quarterdeck.api.validation.Rules.at;
import static io.quarterdeck.api.validation.Rules.nonNegative;
import static io.quarterdeck.api.validation.Rules.oneOf;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.JsonNodeFactory;

/** Cron jobs. Source: Kubernetes API reference "CronJob". */
@Component
final class CronJobStrategy implements KindStrategy {

    private static final String NO_ZONE_IN_SCHEDULE =
            "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
    private static final Rules RULES = Rules.of(
            CronJobStrategy::name,
            at("spec.schedule", CronJobStrategy::schedule),
            at("spec.startingDeadlineSeconds", nonNegative()),
            at("spec.timeZone", CronJobStrategy::timeZone),
            at("spec.concurrencyPolicy", oneOf("Allow", "Forbid", "Replace")),
            at("spec.jobTemplate.spec", JobRules::spec),
            at("spec.jobTemplate.spec", CronJobStrategy::selector),
            at("spec.successfulJobsHistoryLimit", nonNegative()),
            at("spec.failedJobsHistoryLimit", nonNegative()));

    @Override
    public GroupResource resource() {
        return new GroupResource("batch", "cronjobs");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status", JsonNodeFactory.instance.objectNode());
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

    private static void name(Field cronJob) {
        // A Job's name is this one and eleven characters of time.
        Field name = cronJob.at("metadata.name");
        if (!name.updating() && name.text().length() > 52) {
            name.invalid("must be no more than 52 characters");
        }
    }

    private static void schedule(Field schedule) {
        if (schedule.empty()) {
            schedule.required();
        } else if (schedule.text().contains("TZ")) {
            schedule.invalid(NO_ZONE_IN_SCHEDULE);
        } else {
            CronExpression.problem(schedule.text()).ifPresent(schedule::invalid);
        }
    }

    private static void timeZone(Field zone) {
        if (!zone.present()) {
            return;
        }
        String text = zone.text();
        if (text.isEmpty()) {
            zone.invalid("timeZone must be nil or non-empty string");
        } else if (text.equalsIgnoreCase("Local")) {
            zone.invalid("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        } else if (!ZoneId.getAvailableZoneIds().contains(text)) {
            zone.invalid("unknown time zone " + text);
        }
    }

    private static void selector(Field spec) {
        if (spec.at("selector").present()) {
            spec.at("selector").invalid("`selector` will be auto-generated");
        }
        if (spec.at("manualSelector").flag()) {
            spec.at("manualSelector").unsupported("nil", "false");
        }
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return old.isPresent() && next.same("spec.jobTemplate", old.get())
                ? List.of()
                : PodTemplates.warnings("spec.jobTemplate.spec.template", next.at("spec.jobTemplate.spec.template"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodTemplates.columns(TableColumns.of("cronjobs.batch"), "spec.jobTemplate.spec.template.spec.containers")
                .text("Schedule", "spec.schedule")
                .text("Timezone", job -> Cells.orNone(job.text("spec.timeZone")))
                .text(
                        "Suspend",
                        job -> job.has("spec.suspend") ? job.flag("spec.suspend") ? "True" : "False" : "<unset>")
                .number("Active", job -> job.items("status.active").size())
                .cell(
                        "Last Schedule",
                        (job, now) -> JsonNodeFactory.instance.stringNode(
                                job.has("status.lastScheduleTime")
                                        ? Cells.since(job.text("status.lastScheduleTime"), now)
                                        : Cells.NONE))
                .text("Selector", job -> Cells.selector(job.at("spec.jobTemplate.spec.selector")))
                .columns();
    }
}
