package io.quarterdeck.controller.replicas;

/**
 * The numbers of a status.
 *
 * @param fullyLabeled replicas that have every label of the template
 */
public record ReplicaCounts(int replicas, int fullyLabeled, int ready, int available, int terminating) {}
