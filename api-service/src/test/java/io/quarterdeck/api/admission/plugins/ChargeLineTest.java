package io.quarterdeck.api.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.admission.Charge;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChargeLineTest {

    private static final int ROOM = 3;

    /** The names of each payment, then those that were given back behind a minus. */
    private final List<String> payments = Collections.synchronizedList(new ArrayList<>());

    private final ChargeLine line = new ChargeLine((claims, givenBack) -> {
        StringBuilder payment = new StringBuilder();
        int place = 0;
        for (ChargeLine.Claim claim : claims) {
            payment.append(claim.request().request().key().name());
            if (++place > ROOM) {
                claim.refuse(StatusException.badRequest("full"));
            }
        }
        givenBack.forEach(
                request -> payment.append('-').append(request.request().key().name()));
        payments.add(payment.toString());
        return Enlisted.NOTHING;
    });

    private static AdmissionRequest request(String name) {
        return new AdmissionRequest(
                Operation.CREATE,
                RequestInfo.internal("create", "v1", ObjectKey.namespaced("ns", name), Instant.EPOCH),
                null,
                Document.empty(),
                null);
    }

    private Thread join(String name, boolean stores, List<String> outcomes) {
        Thread thread = Thread.ofPlatform().start(() -> {
            try (Charge charge = line.join(request(name))) {
                charge.make();
                if (stores) {
                    charge.committed();
                }
                outcomes.add(name);
            } catch (StatusException refused) {
                outcomes.add(name + " refused");
            }
        });
        await().until(() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TERMINATED);
        return thread;
    }

    @Test
    void whoIsFirstPaysForAllWhoCameMeanwhile() throws InterruptedException {
        List<String> outcomes = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        try (Charge first = line.join(request("a"))) {
            threads.add(join("b", true, outcomes));
            threads.add(join("c", false, outcomes));
            threads.add(join("d", true, outcomes));
            first.make();
            first.committed();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(outcomes).containsExactlyInAnyOrder("b", "c", "d refused");
        try (Charge next = line.join(request("e"))) {
            next.make();
            next.committed();
        }
        assertThat(payments).containsExactly("abcd", "e-c");
        assertThat(line.isIdle()).isTrue();
    }

    @Test
    void whereNothingWasPaidTheNextOnePays() throws InterruptedException {
        List<String> outcomes = Collections.synchronizedList(new ArrayList<>());
        Thread thread;
        try (Charge first = line.join(request("a"))) {
            thread = join("b", true, outcomes);
            first.make();
        }
        thread.join();
        assertThat(outcomes).containsExactly("b");
        assertThat(payments).containsExactly("ab", "b");
    }
}
