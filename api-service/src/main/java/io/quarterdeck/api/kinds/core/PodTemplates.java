package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.MetadataRules;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What the kinds that make pods from a template share: rules, defaults, columns, warnings. */
public final class PodTemplates {

    private PodTemplates() {}

    /** The rules of every template. */
    public static void check(Field template) {
        Labels.check(template.at("metadata.labels").as(template.path() + ".labels"));
        Field annotations = template.at("metadata.annotations").as(template.path() + ".annotations");
        MetadataRules.annotations(annotations);
        PodAnnotations.check(annotations, template.at("spec"));
        PodSpecRules.check(template.at("spec"), "", false);
        PodAnnotations.agree(annotations, template.at("spec"));
        Field ephemeral = template.at("spec.ephemeralContainers");
        if (!ephemeral.empty()) {
            ephemeral.forbidden("ephemeral containers not allowed in pod template");
        }
    }

    /**
     * The template of a controller that keeps pods running, chosen by {@code selector} (a LabelSelector).
     *
     * @param controller the kind's name in the message about activeDeadlineSeconds
     */
    public static void checkRunning(Field template, JsonNode selector, String controller) {
        boolean choosesAll = selector.isObject()
                && selector.path("matchLabels").isEmpty()
                && selector.path("matchExpressions").isEmpty();
        if (!choosesAll) {
            checkSelected(template, selector);
        }
        check(template);
        runsAlways(template, controller);
    }

    /** The template's labels must be chosen by the selector. */
    public static void checkSelected(Field template, JsonNode selector) {
        Field labels = template.at("metadata.labels");
        if (!Labels.selects(selector, labels.node())) {
            labels.invalid("`selector` does not match template `labels`");
        }
    }

    static void runsAlways(Field template, String controller) {
        Field restart = template.at("spec.restartPolicy");
        if (!restart.is("Always")) {
            restart.unsupported("Always");
        }
        Field deadline = template.at("spec.activeDeadlineSeconds");
        if (deadline.present()) {
            deadline.forbidden("activeDeadlineSeconds in %s is not Supported".formatted(controller));
        }
    }

    public static List<String> warnings(String path, JsonNode template) {
        return PodWarnings.of(path, template);
    }

    /** The wide columns Containers and Images. */
    public static TableColumns columns(TableColumns columns, String containers) {
        return columns.text("Containers", object -> Cells.join(object.at(containers), "name"))
                .text("Images", object -> Cells.join(object.at(containers), "image"));
    }
}
