package io.quarterdeck.scheduler.framework;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Amounts of resources: CPU in thousandths of a core, memory and ephemeral storage in bytes, whatever else by name in
 * whole units. Immutable.
 */
public record Resources(long milliCpu, long memory, long ephemeralStorage, long pods, Map<String, Long> scalars) {

    public static final Resources NONE = new Resources(0, 0, 0, 0, Map.of());

    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);

    public Resources {
        scalars = Map.copyOf(scalars);
    }

    /** Rounds up, as upstream does when a quantity is finer than its unit. */
    public static Resources of(@Nullable Map<String, Quantity> quantities) {
        if (quantities == null || quantities.isEmpty()) {
            return NONE;
        }
        long milliCpu = 0;
        long memory = 0;
        long ephemeral = 0;
        long pods = 0;
        Map<String, Long> scalars = new HashMap<>();
        for (Map.Entry<String, Quantity> entry : quantities.entrySet()) {
            BigDecimal amount = entry.getValue().getNumericalAmount();
            switch (entry.getKey()) {
                case "cpu" -> milliCpu = whole(amount.movePointRight(3));
                case "memory" -> memory = whole(amount);
                case "ephemeral-storage" -> ephemeral = whole(amount);
                case "pods" -> pods = whole(amount);
                default -> scalars.put(entry.getKey(), whole(amount));
            }
        }
        return new Resources(milliCpu, memory, ephemeral, pods, scalars);
    }

    private static long whole(BigDecimal amount) {
        return amount.setScale(0, RoundingMode.UP).min(LARGEST).longValueExact();
    }

    public long scalar(String name) {
        return scalars.getOrDefault(name, 0L);
    }

    public Resources plus(Resources other) {
        return combine(other, Long::sum);
    }

    public Resources minus(Resources other) {
        return combine(other, (mine, theirs) -> mine - theirs);
    }

    public Resources max(Resources other) {
        return combine(other, Math::max);
    }

    private Resources combine(Resources other, LongBinaryOperator operator) {
        Map<String, Long> combined = scalars;
        if (!other.scalars.isEmpty()) {
            combined = new HashMap<>(scalars);
            for (Map.Entry<String, Long> entry : other.scalars.entrySet()) {
                combined.put(entry.getKey(), operator.applyAsLong(scalar(entry.getKey()), entry.getValue()));
            }
        }
        return new Resources(
                operator.applyAsLong(milliCpu, other.milliCpu),
                operator.applyAsLong(memory, other.memory),
                operator.applyAsLong(ephemeralStorage, other.ephemeralStorage),
                operator.applyAsLong(pods, other.pods),
                combined);
    }

    /** These amounts, but {@code other}'s wherever it names one. */
    Resources overriddenBy(Resources other) {
        Map<String, Long> combined = new HashMap<>(scalars);
        combined.putAll(other.scalars);
        return new Resources(
                other.milliCpu > 0 ? other.milliCpu : milliCpu,
                other.memory > 0 ? other.memory : memory,
                other.ephemeralStorage > 0 ? other.ephemeralStorage : ephemeralStorage,
                pods,
                combined);
    }
}
