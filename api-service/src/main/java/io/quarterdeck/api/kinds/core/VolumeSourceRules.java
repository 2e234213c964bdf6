package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.kinds.InternalForm;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Rules about the spec of a persistent volume, alone or inline in a VolumeAttachment. */
public final class VolumeSourceRules {

    private record Source(String field, String refusedAs, Consumer<Field> rule) {
        Source(String field, Consumer<Field> rule) {
            this(field, field, rule);
        }
    }

    private static final List<Source> SOURCES = List.of(
            new Source("hostPath", VolumeRules::hostPath),
            new Source("gcePersistentDisk", disk -> disk.at("pdName").require()),
            new Source("awsElasticBlockStore", disk -> disk.at("volumeID").require()),
            new Source("glusterfs", VolumeSourceRules::glusterfs),
            new Source("flocker", VolumeRules::flocker),
            new Source("nfs", VolumeRules::nfs),
            new Source("rbd", rbd -> {
                rbd.at("monitors").require();
                rbd.at("image").require();
            }),
            new Source("quobyte", quobyte -> {
                quobyte.at("registry").require();
                quobyte.at("volume").require();
            }),
            new Source("cephfs", "cephFS", ceph -> ceph.at("monitors").require()),
            new Source("iscsi", VolumeRules::iscsi),
            new Source("cinder", cinder -> {
                cinder.at("volumeID").require();
                cinder.at("secretRef").ifPresent(VolumeSourceRules::named);
            }),
            new Source("fc", VolumeRules::fibreChannel),
            new Source("flexVolume", VolumeRules::flex),
            new Source("azureFile", file -> {
                file.at("secretName").require();
                file.at("shareName").require();
                file.at("secretNamespace").ifPresent(Field::require);
            }),
            new Source("vsphereVolume", volume -> volume.at("volumePath").require()),
            new Source("photonPersistentDisk", disk -> disk.at("pdID").require()),
            new Source("portworxVolume", volume -> volume.at("volumeID").require()),
            new Source("azureDisk", VolumeRules::azureDisk),
            new Source("scaleIO", scale -> {
                scale.at("gateway").require();
                scale.at("system").require();
                scale.at("volumeName").require();
            }),
            new Source("local", local -> {
                if (local.at("path").require()) {
                    PathRules.noBacksteps(local.at("path"));
                }
            }),
            new Source("storageos", VolumeRules::storageOs),
            new Source("csi", VolumeSourceRules::csi));

    private VolumeSourceRules() {}

    /** @param inline in a VolumeAttachment, where less may be said */
    public static void spec(Field spec, String name, boolean inline) {
        if (inline) {
            spec.at("claimRef")
                    .ifPresent(claim -> claim.forbidden("may not be specified in the context of inline volumes"));
            if (!spec.at("capacity").empty()) {
                spec.at("capacity").forbidden("may not be specified in the context of inline volumes");
            }
            if (!spec.at("csi").present()) {
                spec.at("csi").required("has to be specified in the context of inline volumes");
            }
        }
        spec.at("accessModes").require();
        ClaimRules.accessModes(spec.at("accessModes"));
        if (!inline) {
            capacity(spec.at("capacity"));
        }
        reclaimPolicy(spec.at("persistentVolumeReclaimPolicy"), inline);
        Field affinity = spec.at("nodeAffinity");
        boolean located = false;
        if (affinity.present()) {
            if (inline) {
                affinity.forbidden("may not be specified in the context of inline volumes");
            } else {
                Field required = affinity.at("required");
                located = required.present();
                if (located) {
                    SchedulingRules.nodeSelector(required);
                } else {
                    required.required("must specify required node constraints");
                }
            }
        }
        source(spec, located);
        if (spec.at("hostPath.path").text().replaceAll("/+", "/").equals("/")
                && spec.at("persistentVolumeReclaimPolicy").is("Recycle")) {
            spec.at("persistentVolumeReclaimPolicy").forbidden("may not be 'recycle' for a hostPath mount of '/'");
        }
        classes(spec, inline);
    }

    private static void capacity(Field capacity) {
        capacity.require();
        if (!capacity.node().has("storage") || capacity.node().size() > 1) {
            capacity.unsupportedValue(capacity.node(), List.of("storage"));
        }
        capacity.entries((name, quantity) -> {
            if (ResourceRules.quantityOrZero(quantity.node()).signum() < 0) {
                quantity.invalidValue(
                        ResourceRules.quantityOrZero(quantity.node()).longValue(), "must be a valid resource quantity");
            }
            ResourceRules.positive(quantity);
        });
    }

    private static void reclaimPolicy(Field policy, boolean inline) {
        if (policy.empty()) {
            return;
        }
        if (!inline) {
            policy.oneOf("Delete", "Recycle", "Retain");
        } else if (!policy.is("Retain")) {
            policy.forbidden("may only be Retain in the context of inline volumes");
        }
    }

    private static void source(Field spec, boolean located) {
        int sources = 0;
        for (Source source : SOURCES) {
            Field field = spec.at(source.field());
            if (!field.present()) {
                continue;
            }
            if (sources++ > 0 && !source.field().equals("flexVolume")) {
                spec.at(source.refusedAs()).forbidden("may not specify more than 1 volume type");
            } else {
                source.rule().accept(field);
                if (source.field().equals("local") && !located) {
                    spec.at("nodeAffinity").required("Local volume requires node affinity");
                }
            }
        }
        if (sources == 0) {
            spec.required("must specify a volume type");
        }
    }

    private static void classes(Field spec, boolean inline) {
        Field storage = spec.at("storageClassName");
        if (!storage.empty()) {
            if (inline) {
                storage.forbidden("may not be specified in the context of inline volumes");
            } else {
                storage.format(Formats::subdomain);
            }
        }
        Field mode = spec.at("volumeMode");
        if (mode.present()) {
            if (!inline) {
                mode.oneOf("Block", "Filesystem");
            } else if (!mode.is("Filesystem")) {
                mode.forbidden("may not specify volumeMode other than Filesystem in the context of inline volumes");
            }
        }
        Field attributes = spec.at("volumeAttributesClassName");
        if (attributes.present()) {
            if (attributes.text().isEmpty()) {
                attributes.required("an empty string is disallowed");
            } else {
                attributes.format(Formats::subdomain);
            }
            if (!spec.at("csi").present()) {
                spec.at("csi").required("has to be specified when using volumeAttributesClassName");
            }
        }
    }

    private static void glusterfs(Field gluster) {
        gluster.at("endpoints").require();
        gluster.at("path").require();
        gluster.at("endpointsNamespace").ifPresent(namespace -> {
            if (namespace.text().isEmpty()) {
                namespace.invalid("if the endpointnamespace is set, it must be a valid namespace name");
            } else {
                namespace.format(Formats::label);
            }
        });
    }

    private static void named(Field secret) {
        secret.at("name").require();
        secret.at("namespace").require();
    }

    private static void csi(Field csi) {
        VolumeRules.csiDriver(csi.at("driver"));
        csi.at("volumeHandle").require();
        for (String secret : List.of(
                "controllerPublishSecretRef",
                "controllerExpandSecretRef",
                "nodePublishSecretRef",
                "nodeExpandSecretRef")) {
            csi.at(secret).ifPresent(reference -> {
                reference.at("name").requireFormat(Formats::subdomain);
                reference.at("namespace").requireFormat(Formats::label);
            });
        }
    }

    /** What a volume is made of stays. */
    static void update(Field volume) {
        Field spec = volume.at("spec");
        ObjectNode next = sources(spec.node());
        ObjectNode old = sources(spec.old());
        if (old.path("csi") instanceof ObjectNode before
                && !before.has("controllerExpandSecretRef")
                && next.path("csi") instanceof ObjectNode after) {
            after.remove("controllerExpandSecretRef");
        }
        if (!Values.same(next, old)) {
            spec.at("persistentvolumesource")
                    .forbidden("spec.persistentvolumesource is immutable after creation\n"
                            + InternalForm.diff("PersistentVolumeSource", old, next));
        }
        spec.at("volumeMode").as("volumeMode").immutable();
        Field affinity = spec.at("nodeAffinity");
        if (!affinity.old().isMissingNode() && !affinity.old().isNull() && affinity.changed()) {
            affinity.as("nodeAffinity")
                    .invalidValue(
                            affinity.present() ? InternalForm.compact("VolumeNodeAffinity", affinity.node()) : null,
                            "field is immutable, except for updating from beta label to GA");
        }
        Field attributes = spec.at("volumeAttributesClassName");
        if (attributes.old().isString() && !attributes.present()) {
            attributes.forbidden("update from non-nil value to nil is forbidden");
        }
    }

    private static ObjectNode sources(JsonNode spec) {
        ObjectNode copy = (ObjectNode) spec.deepCopy();
        List<String> names = SOURCES.stream().map(Source::field).toList();
        copy.propertyNames().stream()
                .filter(name -> !names.contains(name))
                .toList()
                .forEach(copy::remove);
        return copy;
    }
}
