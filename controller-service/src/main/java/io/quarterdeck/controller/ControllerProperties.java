package io.quarterdeck.controller;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the controllers, under the names of kube-controller-manager's flags.
 *
 * @param leaderElect whether only one of several processes works at a time
 * @param leaderElectLeaseDuration how long a lead holds after its last renewal
 * @param leaderElectRenewDeadline how long a leader tries to renew before it stops
 * @param leaderElectRetryPeriod how often the lead is renewed or asked for
 * @param useServiceAccountCredentials whether each controller writes as its own service account; otherwise all write as
 *     the process, which then needs the rights of all
 * @param clusterCidr address range of the pods, divided among the nodes
 * @param nodeCidrMaskSize prefix length of a node's range
 * @param allocateNodeCidrs whether nodes get ranges at all
 * @param nodeMonitorPeriod how often signs of life are looked for
 * @param nodeMonitorGracePeriod silence after which a node's state is unknown
 * @param nodeStartupGracePeriod the same for a node that never told anything
 * @param nodeEvictionRate nodes per second that get NoExecute taints, in a healthy zone
 * @param secondaryNodeEvictionRate the same in a zone with many nodes down
 * @param unhealthyZoneThreshold share of nodes down from which a zone is unhealthy
 * @param largeClusterSizeThreshold nodes up to which nothing is evicted in an unhealthy zone
 * @param terminatedPodGcThreshold finished pods that are kept; 0 keeps all
 * @param serviceAccountPrivateKeyFile the RSA key that signs tokens in Secrets of type
 *     kubernetes.io/service-account-token; without it such Secrets stay empty
 * @param clusterSigningCertFile the authority that signs approved certificate requests; none are signed without it
 * @param clusterSigningKeyFile its private key
 * @param clusterSigningDuration how long such certificates live at most
 * @param rootCaFile certificate to publish in each namespace; that of the kubeconfig when absent
 * @param concurrentDeploymentSyncs deployments worked on at once
 * @param concurrentReplicasetSyncs replica sets worked on at once
 * @param concurrentRcSyncs replication controllers worked on at once
 * @param concurrentEndpointSyncs services worked on at once for Endpoints
 * @param concurrentServiceEndpointSyncs services worked on at once for endpoint slices
 * @param concurrentNamespaceSyncs namespaces emptied at once
 * @param concurrentResourceQuotaSyncs resource quotas counted at once
 * @param concurrentValidatingAdmissionPolicyStatusSyncs admission policies whose types are checked at once
 * @param concurrentGcSyncs objects examined by garbage collection at once
 */
@ConfigurationProperties("quarterdeck.controllers")
public record ControllerProperties(
        @DefaultValue("true") boolean leaderElect,
        @DefaultValue("15s") Duration leaderElectLeaseDuration,
        @DefaultValue("10s") Duration leaderElectRenewDeadline,
        @DefaultValue("2s") Duration leaderElectRetryPeriod,
        @DefaultValue("true") boolean useServiceAccountCredentials,
        @DefaultValue("10.244.0.0/16") String clusterCidr,
        @DefaultValue("24") int nodeCidrMaskSize,
        @DefaultValue("true") boolean allocateNodeCidrs,
        @DefaultValue("5s") Duration nodeMonitorPeriod,
        @DefaultValue("40s") Duration nodeMonitorGracePeriod,
        @DefaultValue("60s") Duration nodeStartupGracePeriod,
        @DefaultValue("0.1") double nodeEvictionRate,
        @DefaultValue("0.01") double secondaryNodeEvictionRate,
        @DefaultValue("0.55") double unhealthyZoneThreshold,
        @DefaultValue("50") int largeClusterSizeThreshold,
        @DefaultValue("12500") int terminatedPodGcThreshold,
        @Nullable Path serviceAccountPrivateKeyFile,
        @Nullable Path clusterSigningCertFile,
        @Nullable Path clusterSigningKeyFile,
        @DefaultValue("365d") Duration clusterSigningDuration,
        @Nullable Path rootCaFile,
        @DefaultValue("5") int concurrentDeploymentSyncs,
        @DefaultValue("5") int concurrentReplicasetSyncs,
        @DefaultValue("5") int concurrentRcSyncs,
        @DefaultValue("5") int concurrentEndpointSyncs,
        @DefaultValue("5") int concurrentServiceEndpointSyncs,
        @DefaultValue("10") int concurrentNamespaceSyncs,
        @DefaultValue("5") int concurrentResourceQuotaSyncs,
        @DefaultValue("5") int concurrentValidatingAdmissionPolicyStatusSyncs,
        @DefaultValue("20") int concurrentGcSyncs) {}
