package io.quarterdeck.api.flowcontrol;

import io.quarterdeck.api.authz.AccessRequest;
import java.util.function.ToLongFunction;

/**
 * How many seats a request is worth: lists by what they go through, all else one. Pure but for the count.
 *
 * <p>Source: KEP-1040, width of requests; upstream's list work estimator.
 */
final class WorkEstimate {

    private static final int OBJECTS_PER_SEAT = 100;
    private static final int MOST = 10;

    private final ToLongFunction<AccessRequest> stored;

    /** @param stored how many objects a list's resource has; negative when it is none of ours */
    WorkEstimate(ToLongFunction<AccessRequest> stored) {
        this.stored = stored;
    }

    /** @param limit of the page; 0 for all */
    int seats(AccessRequest request, long limit) {
        if (!request.isResource()
                || !request.verb().equals("list")
                || !request.name().isEmpty()) {
            return 1;
        }
        long objects = stored.applyAsLong(request);
        if (objects < 0) {
            return MOST;
        }
        // A page walks over no more than what it shows, and as much again where a selector leaves out.
        long walked = limit > 0 ? Math.min(objects, 2 * limit) : objects;
        return (int) Math.clamp(Math.ceilDiv(walked, OBJECTS_PER_SEAT), 1, MOST);
    }
}
