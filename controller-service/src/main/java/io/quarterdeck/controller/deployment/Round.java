package io.quarterdeck.controller.deployment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Owners;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One look at a deployment and its replica sets: each step changes the sets as they will be and notes the write that
 * makes them so, so that later steps, the status among them, see what earlier ones did. Pure; not thread-safe.
 */
final class Round {

    private static final Comparator<ReplicaSet> OLDEST_FIRST = Comparator.comparing(
                    (ReplicaSet set) -> String.valueOf(set.getMetadata().getCreationTimestamp()))
            .thenComparing(set -> set.getMetadata().getName());

    private final Deployment deployment;
    private final Instant now;
    private final Function<PodTemplateSpec, String> hash;
    private final Conditions conditions;
    private final List<Action> actions = new ArrayList<>();
    private final List<ReplicaSet> old = new ArrayList<>();
    private @Nullable ReplicaSet newest;
    private Action.@Nullable Create creation;
    private Optional<String> revision = Optional.empty();
    private Optional<Duration> again = Optional.empty();

    /** @param hash the template hash, collisions counted in */
    Round(Deployment deployment, List<ReplicaSet> sets, Instant now, Function<PodTemplateSpec, String> hash) {
        this.deployment = deployment;
        this.now = now;
        this.hash = hash;
        this.conditions = new Conditions(status().getConditions(), now);
        List<ReplicaSet> sorted = sets.stream().sorted(OLDEST_FIRST).toList();
        for (ReplicaSet set : sorted) {
            if (newest == null && sameTemplate(set.getSpec().getTemplate())) {
                newest = set;
            } else {
                old.add(set);
            }
        }
    }

    private boolean sameTemplate(PodTemplateSpec template) {
        return Templates.equalIgnoringHash(template, deployment.getSpec().getTemplate());
    }

    private DeploymentStatus status() {
        return deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
    }

    /** The notes of a paused or resumed deployment, so that its progress deadline rests meanwhile. */
    void notePause() {
        if (deadline().isEmpty() || conditions.reason(Conditions.PROGRESSING).equals(Conditions.TIMED_OUT)) {
            return;
        }
        boolean noted = conditions.reason(Conditions.PROGRESSING).equals("DeploymentPaused");
        if (paused() && !noted) {
            conditions.set(Conditions.PROGRESSING, "Unknown", "DeploymentPaused", "Deployment is paused");
        } else if (!paused() && noted) {
            conditions.set(Conditions.PROGRESSING, "Unknown", "DeploymentResumed", "Deployment is resumed");
        }
    }

    boolean paused() {
        return Boolean.TRUE.equals(deployment.getSpec().getPaused());
    }

    /** Whether the deployment's size changed since its sets were last looked at. */
    boolean scaled() {
        return all().stream()
                .filter(set -> Sizes.wanted(set) > 0)
                .anyMatch(set -> Annotations.number(set, Annotations.DESIRED_REPLICAS)
                        .filter(desired -> desired != Sizes.wanted(deployment))
                        .isPresent());
    }

    /** Brings the newest set's annotations and revision up to date, and makes it when asked to. */
    void syncNewest(boolean create) {
        long next = old.stream().mapToLong(Annotations::revision).max().orElse(0) + 1;
        ReplicaSet known = newest;
        if (known != null) {
            Map<String, String> annotations = Annotations.ofNewest(deployment, known, next);
            int minReady = minReadySeconds();
            int before =
                    Optional.ofNullable(known.getSpec().getMinReadySeconds()).orElse(0);
            if (!annotations.equals(Annotations.of(known)) || before != minReady) {
                replace(
                        known,
                        known.edit()
                                .editMetadata()
                                .withAnnotations(annotations)
                                .endMetadata()
                                .editSpec()
                                .withMinReadySeconds(minReady == 0 ? null : minReady)
                                .endSpec()
                                .build());
            }
            revision = Optional.ofNullable(annotations.get(Annotations.REVISION));
            if (deadline().isPresent() && conditions.get(Conditions.PROGRESSING).isEmpty()) {
                conditions.set(
                        Conditions.PROGRESSING,
                        "True",
                        "FoundNewReplicaSet",
                        "Found new replica set \"" + known.getMetadata().getName() + "\"");
            }
        } else if (create) {
            create(next);
        }
    }

    private void create(long next) {
        PodTemplateSpec template = deployment.getSpec().getTemplate();
        String value = hash.apply(template);
        Map<String, String> labels = new LinkedHashMap<>(Templates.labels(template));
        labels.put(Templates.HASH_LABEL, value);
        PodTemplateSpec hashed = new PodTemplateSpecBuilder(template)
                .editOrNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .build();
        ReplicaSet bare = new ReplicaSetBuilder()
                .withNewMetadata()
                .withNamespace(deployment.getMetadata().getNamespace())
                .withName(deployment.getMetadata().getName() + "-" + value)
                .withLabels(labels)
                .withOwnerReferences(Owners.controlledBy(deployment))
                .endMetadata()
                .withNewSpec()
                .withReplicas(Sizes.ofNewest(deployment, old, 0))
                .withMinReadySeconds(minReadySeconds() == 0 ? null : minReadySeconds())
                .withNewSelectorLike(deployment.getSpec().getSelector())
                .addToMatchLabels(Templates.HASH_LABEL, value)
                .endSelector()
                .withTemplate(hashed)
                .endSpec()
                .build();
        ReplicaSet set = bare.edit()
                .editMetadata()
                .withAnnotations(Annotations.withSizes(Annotations.ofNewest(deployment, bare, next), deployment))
                .endMetadata()
                .build();
        creation = new Action.Create(set);
        actions.add(creation);
        newest = set;
        if (Sizes.wanted(set) > 0) {
            actions.add(scalingEvent(set, 0, Sizes.wanted(set)));
        }
        revision = Optional.of(Long.toString(next));
        if (deadline().isPresent()) {
            conditions.set(
                    Conditions.PROGRESSING,
                    "True",
                    "NewReplicaSetCreated",
                    "Created new replica set \"" + set.getMetadata().getName() + "\"");
        }
    }

    /** Gives each set its share of a changed size. */
    void scale() {
        Optional<ReplicaSet> only = onlyActiveOrLatest();
        int wanted = Sizes.wanted(deployment);
        if (only.isPresent()) {
            resize(only.get(), wanted);
            return;
        }
        if (saturated()) {
            List.copyOf(old).stream().filter(set -> Sizes.wanted(set) > 0).forEach(set -> resize(set, 0));
            return;
        }
        if (!Sizes.rolling(deployment)) {
            return;
        }
        List<ReplicaSet> active = new ArrayList<>(
                all().stream().filter(set -> Sizes.wanted(set) > 0).toList());
        int toAdd = (wanted > 0 ? wanted + Sizes.maxSurge(deployment) : 0) - Sizes.wanted(active);
        // Of equally large ones the newest grows first and the oldest shrinks first.
        active.sort(Comparator.comparingInt((ReplicaSet set) -> -Sizes.wanted(set))
                .thenComparing(toAdd > 0 ? OLDEST_FIRST.reversed() : OLDEST_FIRST));
        int added = 0;
        Map<String, Integer> sizes = new LinkedHashMap<>();
        for (ReplicaSet set : active) {
            int share = toAdd == 0 ? 0 : Sizes.proportion(set, deployment, toAdd, added);
            added += share;
            sizes.put(set.getMetadata().getName(), Sizes.wanted(set) + share);
        }
        for (int i = 0; i < active.size(); i++) {
            ReplicaSet set = active.get(i);
            int size = sizes.getOrDefault(set.getMetadata().getName(), 0);
            resizeAndNote(set, i == 0 && toAdd != 0 ? Math.max(0, size + toAdd - added) : size);
        }
    }

    private Optional<ReplicaSet> onlyActiveOrLatest() {
        List<ReplicaSet> active =
                all().stream().filter(set -> Sizes.wanted(set) > 0).toList();
        if (active.size() > 1) {
            return Optional.empty();
        }
        if (active.size() == 1) {
            return Optional.of(active.getFirst());
        }
        return Optional.ofNullable(newest).or(() -> old.stream().max(OLDEST_FIRST));
    }

    private boolean saturated() {
        ReplicaSet set = newest;
        int wanted = Sizes.wanted(deployment);
        return set != null
                && Sizes.wanted(set) == wanted
                && Annotations.number(set, Annotations.DESIRED_REPLICAS).orElse(-1) == wanted
                && Sizes.available(set) == wanted;
    }

    /** One step of a rolling update: grow the newest set where there is room, else shrink the old ones. */
    void roll() {
        syncNewest(true);
        ReplicaSet set = newest;
        if (set == null) {
            return;
        }
        int wanted = Sizes.wanted(deployment);
        int size = Sizes.wanted(set);
        boolean grown = size != wanted && resize(set, size > wanted ? wanted : Sizes.ofNewest(deployment, all(), size));
        if (!grown && !shrinkOld()) {
            cleanUpWhenComplete();
        }
    }

    private boolean shrinkOld() {
        ReplicaSet set = newest;
        if (set == null || Sizes.wanted(old) == 0) {
            return false;
        }
        int minAvailable = Sizes.wanted(deployment) - Sizes.maxUnavailable(deployment);
        int newestUnavailable = Sizes.wanted(set) - Sizes.available(set);
        int most = Sizes.wanted(all()) - minAvailable - newestUnavailable;
        if (most <= 0) {
            return false;
        }
        int removed = 0;
        // Broken replicas go first: giving them up costs no availability.
        for (ReplicaSet one : sortedOld()) {
            int unhealthy = Math.min(most - removed, Sizes.wanted(one) - Sizes.available(one));
            if (unhealthy > 0) {
                resize(one, Sizes.wanted(one) - unhealthy);
                removed += unhealthy;
            }
        }
        int spare = Sizes.available(all()) - minAvailable;
        for (ReplicaSet one : sortedOld()) {
            int less = Math.min(spare, Sizes.wanted(one));
            if (less > 0) {
                resize(one, Sizes.wanted(one) - less);
                spare -= less;
                removed += less;
            }
        }
        return removed > 0;
    }

    /**
     * One step of a recreation: all old replicas go before the first new one comes.
     *
     * @param oldPodsRun whether pods of other sets than the newest still run
     */
    void recreate(boolean oldPodsRun) {
        syncNewest(false);
        boolean shrunk = false;
        for (ReplicaSet set : List.copyOf(old)) {
            shrunk |= Sizes.wanted(set) > 0 && resize(set, 0);
        }
        if (shrunk || Sizes.actual(old) > 0 || oldPodsRun) {
            return;
        }
        if (newest == null) {
            syncNewest(true);
        }
        ReplicaSet set = newest;
        if (set != null) {
            resize(set, Sizes.wanted(deployment));
        }
        cleanUpWhenComplete();
    }

    Optional<ReplicaSet> newest() {
        return Optional.ofNullable(newest);
    }

    private void cleanUpWhenComplete() {
        if (complete(status())) {
            cleanUp();
        }
    }

    /** Deletes the oldest sets that are empty, beyond the history to be kept. */
    void cleanUp() {
        Integer limit = deployment.getSpec().getRevisionHistoryLimit();
        if (limit == null || limit == Integer.MAX_VALUE) {
            return;
        }
        List<ReplicaSet> alive = old.stream()
                .filter(set -> set.getMetadata().getDeletionTimestamp() == null)
                .sorted(Comparator.comparingLong(Annotations::revision))
                .toList();
        for (ReplicaSet set : alive.subList(0, Math.max(0, alive.size() - limit))) {
            long seen = set.getStatus() == null || set.getStatus().getObservedGeneration() == null
                    ? 0
                    : set.getStatus().getObservedGeneration();
            boolean empty = Sizes.actual(set) == 0 && Sizes.wanted(set) == 0;
            if (empty && set.getMetadata().getGeneration() <= seen) {
                actions.add(Action.Delete.of(set));
            }
        }
    }

    /** Ends a round that only looked: the numbers, and whether enough is available. */
    List<Action> endWithNumbers() {
        return end(numbers());
    }

    /** Ends a round of a rollout: also whether it progresses, is complete, or takes too long. */
    List<Action> endWithProgress() {
        DeploymentStatus next = numbers();
        if (deadline().isEmpty()) {
            conditions.remove(Conditions.PROGRESSING);
        }
        boolean settled = number(next.getReplicas()) == number(next.getUpdatedReplicas())
                && conditions.reason(Conditions.PROGRESSING).equals(Conditions.NEW_SET_AVAILABLE);
        if (deadline().isPresent() && !settled) {
            judge(next);
        }
        Optional<ReplicaSetCondition> failure = failure();
        if (failure.isPresent()) {
            conditions.put(new DeploymentConditionBuilder()
                    .withType(Conditions.REPLICA_FAILURE)
                    .withStatus(failure.get().getStatus())
                    .withReason(failure.get().getReason())
                    .withMessage(failure.get().getMessage())
                    .withLastUpdateTime(failure.get().getLastTransitionTime())
                    .withLastTransitionTime(failure.get().getLastTransitionTime())
                    .build());
        } else {
            conditions.remove(Conditions.REPLICA_FAILURE);
        }
        planNextLook(next);
        return end(next);
    }

    private void judge(DeploymentStatus next) {
        String subject = newest == null
                ? "Deployment \"" + deployment.getMetadata().getName() + "\""
                : "ReplicaSet \"" + newest.getMetadata().getName() + "\"";
        DeploymentStatus before = status();
        if (complete(next)) {
            conditions.set(
                    Conditions.PROGRESSING,
                    "True",
                    Conditions.NEW_SET_AVAILABLE,
                    subject + " has successfully progressed.");
        } else if (progressed(before, next)) {
            conditions.progress("ReplicaSetUpdated", subject + " is progressing.");
        } else if (overdue()) {
            conditions.set(
                    Conditions.PROGRESSING, "False", Conditions.TIMED_OUT, subject + " has timed out progressing.");
        }
    }

    private boolean complete(DeploymentStatus status) {
        int wanted = Sizes.wanted(deployment);
        return number(status.getUpdatedReplicas()) == wanted
                && number(status.getReplicas()) == wanted
                && number(status.getAvailableReplicas()) == wanted
                && status.getObservedGeneration() != null
                && status.getObservedGeneration() >= deployment.getMetadata().getGeneration();
    }

    private static boolean progressed(DeploymentStatus before, DeploymentStatus next) {
        int oldBefore = number(before.getReplicas()) - number(before.getUpdatedReplicas());
        int oldNext = number(next.getReplicas()) - number(next.getUpdatedReplicas());
        return number(next.getUpdatedReplicas()) > number(before.getUpdatedReplicas())
                || oldNext < oldBefore
                || number(next.getReadyReplicas()) > number(before.getReadyReplicas())
                || number(next.getAvailableReplicas()) > number(before.getAvailableReplicas());
    }

    private boolean overdue() {
        String reason = conditions.reason(Conditions.PROGRESSING);
        if (reason.equals(Conditions.TIMED_OUT)) {
            return true;
        }
        return !reason.equals(Conditions.NEW_SET_AVAILABLE)
                && deadlineEnds().filter(end -> end.isBefore(now)).isPresent();
    }

    private void planNextLook(DeploymentStatus next) {
        String reason = conditions.reason(Conditions.PROGRESSING);
        if (!complete(next) && !reason.isEmpty() && !reason.equals(Conditions.TIMED_OUT)) {
            again = deadlineEnds().map(end -> {
                Duration left = Duration.between(now, end);
                return (left.isNegative() ? Duration.ZERO : left).plusSeconds(1);
            });
        }
    }

    private Optional<Instant> deadlineEnds() {
        return deadline()
                .flatMap(seconds -> conditions
                        .get(Conditions.PROGRESSING)
                        .map(condition ->
                                Instant.parse(condition.getLastUpdateTime()).plusSeconds(seconds)));
    }

    /** The newest set's failure, or the first that any set has. */
    private Optional<ReplicaSetCondition> failure() {
        List<ReplicaSet> order = new ArrayList<>();
        if (newest != null) {
            order.add(newest);
        }
        order.addAll(old);
        return order.stream()
                .filter(set -> set.getStatus() != null && set.getStatus().getConditions() != null)
                .flatMap(set -> set.getStatus().getConditions().stream())
                .filter(condition -> condition.getType().equals(Conditions.REPLICA_FAILURE))
                .findFirst();
    }

    private DeploymentStatus numbers() {
        List<ReplicaSet> all = all();
        int available = Sizes.available(all);
        boolean enough = available >= Sizes.wanted(deployment) - Sizes.maxUnavailable(deployment);
        conditions.set(
                Conditions.AVAILABLE,
                enough ? "True" : "False",
                enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
        return new DeploymentStatusBuilder(status())
                .withObservedGeneration(deployment.getMetadata().getGeneration())
                .withReplicas(orAbsent(Sizes.actual(all)))
                .withUpdatedReplicas(orAbsent(newest == null ? 0 : Sizes.actual(newest)))
                .withReadyReplicas(orAbsent(Sizes.ready(all)))
                .withAvailableReplicas(orAbsent(available))
                .withUnavailableReplicas(orAbsent(Math.max(0, Sizes.wanted(all) - available)))
                .withTerminatingReplicas(Sizes.terminating(all))
                .build();
    }

    private List<Action> end(DeploymentStatus numbers) {
        DeploymentStatus next = new DeploymentStatusBuilder(numbers)
                .withConditions(conditions.list())
                .build();
        Map<String, String> annotations = new LinkedHashMap<>(Annotations.of(deployment));
        revision.ifPresent(value -> annotations.put(Annotations.REVISION, value));
        if (!next.equals(status()) || !annotations.equals(Annotations.of(deployment))) {
            actions.add(new Action.UpdateStatus(deployment
                    .edit()
                    .editMetadata()
                    .withAnnotations(annotations)
                    .endMetadata()
                    .withStatus(next)
                    .build()));
        }
        return actions;
    }

    /** The creation of the newest set, when this round has one. */
    Optional<Action.Create> creation() {
        return Optional.ofNullable(creation);
    }

    Optional<Duration> again() {
        return again;
    }

    Optional<Integer> deadline() {
        return Optional.ofNullable(deployment.getSpec().getProgressDeadlineSeconds())
                .filter(seconds -> seconds != Integer.MAX_VALUE);
    }

    private boolean resize(ReplicaSet set, int size) {
        return Sizes.wanted(set) != size && resizeAndNote(set, size);
    }

    /** Also brings the noted sizes up to date. */
    private boolean resizeAndNote(ReplicaSet set, int size) {
        Map<String, String> annotations = Annotations.withSizes(Annotations.of(set), deployment);
        int before = Sizes.wanted(set);
        if (before == size && annotations.equals(Annotations.of(set))) {
            return false;
        }
        replace(
                set,
                set.edit()
                        .editMetadata()
                        .withAnnotations(annotations)
                        .endMetadata()
                        .editSpec()
                        .withReplicas(size)
                        .endSpec()
                        .build());
        if (before != size) {
            actions.add(scalingEvent(set, before, size));
        }
        return before != size;
    }

    private Action scalingEvent(ReplicaSet set, int from, int to) {
        return new Action.EmitEvent(
                deployment,
                Action.EventType.NORMAL,
                "ScalingReplicaSet",
                "Scaled %s replica set %s from %d to %d"
                        .formatted(from < to ? "up" : "down", set.getMetadata().getName(), from, to),
                Map.of());
    }

    /** A set changed several times in one round is written once, as it is at last. */
    private void replace(ReplicaSet before, ReplicaSet after) {
        String name = before.getMetadata().getName();
        if (newest != null && newest.getMetadata().getName().equals(name)) {
            newest = after;
        } else {
            old.replaceAll(set -> set.getMetadata().getName().equals(name) ? after : set);
        }
        for (int i = 0; i < actions.size(); i++) {
            Action earlier = actions.get(i);
            if (earlier instanceof Action.Update update && names(update.object(), name)) {
                actions.set(i, new Action.Update(after));
                return;
            }
            if (earlier == creation && creation != null && names(creation.object(), name)) {
                creation = new Action.Create(after);
                actions.set(i, creation);
                return;
            }
        }
        actions.add(new Action.Update(after));
    }

    private static boolean names(HasMetadata object, String name) {
        return object.getMetadata().getName().equals(name);
    }

    private List<ReplicaSet> all() {
        List<ReplicaSet> all = new ArrayList<>(old);
        if (newest != null) {
            all.add(newest);
        }
        return all;
    }

    private List<ReplicaSet> sortedOld() {
        return old.stream().sorted(OLDEST_FIRST).toList();
    }

    private int minReadySeconds() {
        return Optional.ofNullable(deployment.getSpec().getMinReadySeconds()).orElse(0);
    }

    private static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    /** The API leaves zeros of optional numbers out. */
    private static @Nullable Integer orAbsent(int number) {
        return number == 0 ? null : number;
    }
}
