package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.schema.GoShape;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What Go's JSON says of an AdmissionReview whose values are of other types than its fields. Pure.
 *
 * <p>Source: API admission.k8s.io/v1, AdmissionResponse; meta/v1, Status.
 */
final class ReviewTypes {

    private static final GoShape CAUSE = GoShape.struct(
            "v1.StatusCause",
            Map.of("reason", GoShape.text("v1.CauseType"), "message", GoShape.TEXT, "field", GoShape.TEXT));
    private static final GoShape DETAILS = GoShape.struct(
            "v1.StatusDetails",
            Map.of(
                    "name", GoShape.TEXT,
                    "group", GoShape.TEXT,
                    "kind", GoShape.TEXT,
                    "uid", GoShape.text("types.UID"),
                    "causes", GoShape.list(CAUSE),
                    "retryAfterSeconds", GoShape.INT32));
    private static final GoShape STATUS = GoShape.struct(
            "v1.Status",
            Map.of(
                    "status", GoShape.TEXT,
                    "message", GoShape.TEXT,
                    "reason", GoShape.text("v1.StatusReason"),
                    "details", DETAILS,
                    "code", GoShape.INT32));
    private static final GoShape RESPONSE = GoShape.struct(
            "v1.AdmissionResponse",
            Map.of(
                    "uid", GoShape.text("types.UID"),
                    "allowed", GoShape.FLAG,
                    "status", STATUS,
                    "patch", GoShape.BYTES,
                    "patchType", GoShape.text("v1.PatchType"),
                    "auditAnnotations", GoShape.map(GoShape.TEXT),
                    "warnings", GoShape.list(GoShape.TEXT)));
    private static final GoShape REVIEW = GoShape.struct(
            "v1.AdmissionReview",
            Map.of(
                    "request",
                    GoShape.struct("v1.AdmissionRequest", Map.of("dryRun", GoShape.FLAG)),
                    "response",
                    RESPONSE));

    private ReviewTypes() {}

    /** The first value of another type; empty when all fit. */
    static String misfit(JsonNode review) {
        return REVIEW.misfit(review);
    }
}
