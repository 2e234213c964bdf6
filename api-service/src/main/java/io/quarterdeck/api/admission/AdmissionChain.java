package io.quarterdeck.api.admission;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * The plugins in upstream's order. The write path calls {@link #mutate}, applies defaults again, validates the object
 * and calls {@link #validate}. Immutable.
 *
 * <p>Source: Kubernetes documentation, "Admission Control in Kubernetes"; the order is kube-apiserver's recommended one.
 */
@Component
public final class AdmissionChain {

    /** Plugins that are not named here run behind the others, by name. */
    private static final List<String> ORDER = List.of(
            "RBACEscalation",
            "NamespaceLifecycle",
            "LimitRanger",
            "ServiceAccount",
            "NodeRestriction",
            "TaintNodesByCondition",
            "PodSecurity",
            "Priority",
            "DefaultTolerationSeconds",
            "DefaultStorageClass",
            "StorageObjectInUseProtection",
            "PersistentVolumeClaimResize",
            "RuntimeClass",
            "CertificateApproval",
            "CertificateSigning",
            "ClusterTrustBundleAttest",
            "CertificateSubjectRestriction",
            "DefaultIngressClass",
            "PodTopologyLabels",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionWebhook",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionWebhook",
            "ResourceQuota");

    private final List<AdmissionPlugin> plugins;

    public AdmissionChain(List<AdmissionPlugin> plugins) {
        Set<String> names = new HashSet<>();
        for (AdmissionPlugin plugin : plugins) {
            if (!names.add(plugin.name())) {
                throw new IllegalArgumentException("two admission plugins are named " + plugin.name());
            }
        }
        List<AdmissionPlugin> sorted = new ArrayList<>(plugins);
        sorted.sort(Comparator.comparingInt(AdmissionChain::place).thenComparing(AdmissionPlugin::name));
        this.plugins = List.copyOf(sorted);
    }

    private static int place(AdmissionPlugin plugin) {
        int place = ORDER.indexOf(plugin.name());
        return place < 0 ? ORDER.size() : place;
    }

    /** Lets every plugin change {@link AdmissionRequest#object}; a refusal is a StatusException. */
    public void mutate(AdmissionRequest request) {
        for (AdmissionPlugin plugin : plugins) {
            plugin.mutate(request);
        }
    }

    /** Lets every plugin judge the final object; a refusal is a StatusException. */
    public void validate(AdmissionRequest request) {
        for (AdmissionPlugin plugin : plugins) {
            plugin.validate(request);
        }
    }
}
