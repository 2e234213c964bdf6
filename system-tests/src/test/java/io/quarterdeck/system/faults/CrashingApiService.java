package io.quarterdeck.system.faults;

import io.quarterdeck.api.ApiServiceApplication;
import io.quarterdeck.api.store.CrashPoint;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** An api-service that halts where it is told to. */
final class CrashingApiService {

    static final int HALTED = 99;

    private CrashingApiService() {}

    /** @param arguments name of the crash point, how often it is passed before, then those of the service */
    public static void main(String[] arguments) {
        CrashPoint point = CrashPoint.valueOf(arguments[0]);
        AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[1]));
        CrashPoint.arm(passed -> {
            if (passed == point && left.decrementAndGet() < 0) {
                Runtime.getRuntime().halt(HALTED);
            }
        });
        ApiServiceApplication.main(Arrays.copyOfRange(arguments, 2, arguments.length));
    }
}
