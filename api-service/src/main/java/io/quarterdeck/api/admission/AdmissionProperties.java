package io.quarterdeck.api.admission;

import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which admission plugins run.
 *
 * @param enablePlugins names of plugins to run besides those that run anyway, as kube-apiserver's --enable-admission-plugins
 * @param disablePlugins names of plugins not to run, as kube-apiserver's --disable-admission-plugins
 */
@ConfigurationProperties("quarterdeck.api.admission")
public record AdmissionProperties(
        @DefaultValue Set<String> enablePlugins,
        @DefaultValue Set<String> disablePlugins) {

    /** What runs by default. */
    public static final AdmissionProperties DEFAULT = new AdmissionProperties(Set.of(), Set.of());

    public AdmissionProperties {
        enablePlugins = Set.copyOf(enablePlugins);
        disablePlugins = Set.copyOf(disablePlugins);
    }

    boolean runs(AdmissionPlugin plugin) {
        return plugin.onByDefault()
                ? !disablePlugins.contains(plugin.name())
                : enablePlugins.contains(plugin.name()) && !disablePlugins.contains(plugin.name());
    }
}
