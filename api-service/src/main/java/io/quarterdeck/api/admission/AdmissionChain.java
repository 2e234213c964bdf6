package io.quarterdeck.api.admission;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * The plugins in upstream's order. The write path calls {@link #mutate}, applies defaults again, validates the object
 * and calls {@link #validate}. Immutable.
 *
 * <p>Source: Kubernetes documentation, "Admission Control in Kubernetes"; the order is kube-apiserver's recommended one.
 */
@Component
@EnableConfigurationProperties(AdmissionProperties.class)
public final class AdmissionChain {

    /** Plugins that are not named here run behind the others, by name. */
    private static final List<String> ORDER = List.of(
            "NamespaceLifecycle",
            "LimitRanger",
            "ServiceAccount",
            "NodeRestriction",
            "TaintNodesByCondition",
            "AlwaysPullImages",
            "PodSecurity",
            "Priority",
            "DefaultTolerationSeconds",
            "EventRateLimit",
            "ExtendedResourceToleration",
            "DefaultStorageClass",
            "StorageObjectInUseProtection",
            "PersistentVolumeClaimResize",
            "RuntimeClass",
            "CertificateApproval",
            "CertificateSigning",
            "ClusterTrustBundleAttest",
            "CertificateSubjectRestriction",
            "DefaultIngressClass",
            "DenyServiceExternalIPs",
            "PodTopologyLabels",
            "NodeDeclaredFeatureValidator",
            "PodResizeValidator",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionWebhook",
            "RBACEscalation",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionWebhook",
            "ResourceQuota");

    private final List<AdmissionPlugin> plugins;

    /** The plugins that run by default. */
    public AdmissionChain(List<AdmissionPlugin> plugins) {
        this(plugins, AdmissionProperties.DEFAULT);
    }

    /** @throws IllegalArgumentException when a setting names a plugin that there is not */
    @Autowired
    public AdmissionChain(List<AdmissionPlugin> plugins, AdmissionProperties properties) {
        Set<String> names = new HashSet<>();
        Set<String> switches = new HashSet<>();
        for (AdmissionPlugin plugin : plugins) {
            if (!names.add(plugin.name())) {
                throw new IllegalArgumentException("two admission plugins are named " + plugin.name());
            }
            if (plugin.canBeSwitched()) {
                switches.add(plugin.name());
            }
        }
        refuseUnknown(properties.enablePlugins(), switches);
        refuseUnknown(properties.disablePlugins(), switches);
        List<AdmissionPlugin> sorted = new ArrayList<>(plugins);
        sorted.removeIf(plugin -> !properties.runs(plugin));
        sorted.sort(Comparator.comparingInt(AdmissionChain::place).thenComparing(AdmissionPlugin::name));
        this.plugins = List.copyOf(sorted);
    }

    private static void refuseUnknown(Set<String> wanted, Set<String> known) {
        for (String name : wanted) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("there is no admission plugin " + name);
            }
        }
    }

    private static int place(AdmissionPlugin plugin) {
        int place = ORDER.indexOf(plugin.name());
        return place < 0 ? ORDER.size() : place;
    }

    /** The names of the plugins that run, in their order. */
    List<String> names() {
        return plugins.stream().map(AdmissionPlugin::name).toList();
    }

    /**
     * Lets every plugin change {@link AdmissionRequest#object}; a refusal is a StatusException.
     *
     * @return whether others than the server's own plugins changed it
     */
    public boolean mutate(AdmissionRequest request) {
        Reinvocation round = new Reinvocation();
        plugins.forEach(plugin -> plugin.mutate(request, round));
        if (round.isNeeded()) {
            round.startSecond();
            plugins.forEach(plugin -> plugin.mutate(request, round));
        }
        return round.isNeeded();
    }

    /** Lets every plugin judge the final object; a refusal is a StatusException. */
    public void validate(AdmissionRequest request) {
        for (AdmissionPlugin plugin : plugins) {
            plugin.validate(request);
        }
    }

    /**
     * What the object costs, to be closed when it is stored or refused. One plugin charges at most.
     *
     * @throws io.quarterdeck.model.StatusException when it does not fit
     */
    public Charge charge(AdmissionRequest request) {
        for (AdmissionPlugin plugin : plugins) {
            Charge charge = plugin.charge(request);
            if (charge != Charge.NONE) {
                return charge;
            }
        }
        return Charge.NONE;
    }
}
