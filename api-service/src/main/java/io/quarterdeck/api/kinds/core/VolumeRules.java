package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.model.Formats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Rules about the volumes of a pod, and about the sources that persistent volumes share with them. */
final class VolumeRules {

    private static final Pattern IQN = Pattern.compile("iqn\\.\\d{4}-\\d{2}\\.([0-9A-Za-z\\-.]+)(:([^,;*&$|\\s]+))");
    private static final Pattern EUI = Pattern.compile("^eui.[0-9A-Fa-f]{16}$");
    private static final Pattern NAA = Pattern.compile("^naa.([0-9A-Fa-f]{16}|[0-9A-Fa-f]{32})$");

    /** The kinds of source in the order in which upstream looks at them, each with its rule. */
    private record Source(String field, String refusedAs, Consumer<Field> rule) {
        Source(String field, Consumer<Field> rule) {
            this(field, field, rule);
        }
    }

    private static final List<Source> SOURCES = List.of(
            new Source("emptyDir", VolumeRules::emptyDir),
            new Source("hostPath", VolumeRules::hostPath),
            new Source("gitRepo", VolumeRules::gitRepo),
            new Source("gcePersistentDisk", disk -> {
                disk.at("pdName").require();
                partition(disk.at("partition"));
            }),
            new Source("awsElasticBlockStore", disk -> {
                disk.at("volumeID").require();
                partition(disk.at("partition"));
            }),
            new Source("secret", secret -> {
                secret.at("secretName").require();
                keys(secret);
            }),
            new Source("nfs", VolumeRules::nfs),
            new Source("iscsi", VolumeRules::iscsi),
            new Source("glusterfs", required("endpoints", "path")),
            new Source("flocker", VolumeRules::flocker),
            new Source("persistentVolumeClaim", required("claimName")),
            new Source("rbd", required("monitors", "image")),
            new Source("cinder", required("volumeID")),
            new Source("cephfs", "cephFS", required("monitors")),
            new Source("quobyte", required("registry", "volume")),
            new Source("downwardAPI", "downwarAPI", VolumeRules::downwardApi),
            new Source("fc", VolumeRules::fibreChannel),
            new Source("flexVolume", VolumeRules::flex),
            new Source("configMap", map -> {
                map.at("name").require();
                keys(map);
            }),
            new Source("azureFile", required("secretName", "shareName")),
            new Source("vsphereVolume", required("volumePath")),
            new Source("photonPersistentDisk", required("pdID")),
            new Source("portworxVolume", required("volumeID")),
            new Source("azureDisk", VolumeRules::azureDisk),
            new Source("storageos", VolumeRules::storageOs),
            new Source("projected", VolumeRules::projected),
            new Source("scaleIO", required("gateway", "system", "volumeName")),
            new Source("csi", VolumeRules::csi),
            new Source("ephemeral", VolumeRules::ephemeral),
            new Source("image", VolumeRules::image));

    private VolumeRules() {}

    private static Consumer<Field> required(String... fields) {
        return source -> {
            for (String field : fields) {
                source.at(field).require();
            }
        };
    }

    /** Checks the volumes and gives them by name. */
    static Map<String, JsonNode> check(Field volumes, String podName) {
        Map<String, JsonNode> byName = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (Field volume : volumes.items()) {
            int before = volume.findings().size();
            source(volume, podName);
            Field name = volume.at("name");
            if (name.empty()) {
                name.required();
            } else {
                List<String> problems = Formats.label(name.text());
                name.invalid(problems);
                if (problems.isEmpty() && names.contains(name.text())) {
                    name.duplicate();
                }
                names.add(name.text());
                // A volume that cannot be is not there for those who name it.
                if (volume.findings().size() == before) {
                    byName.put(name.text(), volume.node());
                }
            }
        }
        return byName;
    }

    private static void source(Field volume, String podName) {
        int sources = 0;
        for (Source source : SOURCES) {
            Field field = volume.at(source.field());
            if (!field.present()) {
                continue;
            }
            if (sources++ > 0) {
                volume.at(source.refusedAs()).forbidden("may not specify more than 1 volume type");
            } else {
                source.rule().accept(field);
            }
            if (source.field().equals("ephemeral")
                    && sources == 1
                    && !podName.isEmpty()
                    && !volume.at("name").empty()) {
                String claim = podName + "-" + volume.at("name").text();
                Formats.subdomain(claim)
                        .forEach(problem -> volume.at("name").invalid("PVC name \"%s\": %s".formatted(claim, problem)));
            }
        }
        if (sources == 0) {
            volume.required("must specify a volume type");
        }
    }

    private static void emptyDir(Field directory) {
        Field limit = directory.at("sizeLimit");
        if (limit.present() && ResourceRules.quantityOrZero(limit.node()).signum() < 0) {
            limit.forbidden("SizeLimit field must be a valid resource quantity");
        }
    }

    static void hostPath(Field host) {
        if (!host.at("path").require()) {
            return;
        }
        PathRules.noBacksteps(host.at("path"));
        host.at("type")
                .ifPresent(type -> type.oneOf(
                        "",
                        "BlockDevice",
                        "CharDevice",
                        "Directory",
                        "DirectoryOrCreate",
                        "File",
                        "FileOrCreate",
                        "Socket"));
    }

    private static void gitRepo(Field repository) {
        repository.at("repository").require();
        PathRules.localDescending(repository.at("directory"));
    }

    private static void partition(Field partition) {
        if (partition.number() < 0 || partition.number() > 255) {
            partition.invalid("must be between 0 and 255, inclusive");
        }
    }

    private static void keys(Field source) {
        PathRules.mode(source.at("defaultMode"));
        source.at("items").items().forEach(VolumeRules::keyToPath);
    }

    private static void keyToPath(Field item) {
        item.at("key").require();
        item.at("path").require();
        PathRules.localNonReserved(item.at("path"));
        PathRules.mode(item.at("mode"));
    }

    static void nfs(Field nfs) {
        nfs.at("server").require();
        nfs.at("path").require();
        if (!nfs.at("path").text().startsWith("/")) {
            nfs.at("path").invalidValue(nfs.at("path").text(), "must be an absolute path");
        }
    }

    static void iscsi(Field iscsi) {
        iscsi.at("targetPortal").require();
        Field iqn = iscsi.at("iqn");
        if (iqn.require()) {
            qualifiedName(iqn);
        }
        Field lun = iscsi.at("lun");
        if (lun.number() < 0 || lun.number() > 255) {
            lun.invalid("must be between 0 and 255, inclusive");
        }
        if ((iscsi.at("chapAuthDiscovery").flag() || iscsi.at("chapAuthSession").flag())
                && !iscsi.at("secretRef").present()) {
            iscsi.at("secretRef").required();
        }
        Field initiator = iscsi.at("initiatorName").as(iscsi.path() + ".initiatorname");
        if (initiator.present()) {
            qualifiedName(initiator);
        }
    }

    private static void qualifiedName(Field name) {
        String text = name.text();
        boolean legal = text.startsWith("iqn")
                ? IQN.matcher(text).matches()
                : text.startsWith("eui")
                        ? EUI.matcher(text).matches()
                        : text.startsWith("naa") && NAA.matcher(text).matches();
        if (!text.startsWith("iqn") && !text.startsWith("eui") && !text.startsWith("naa")) {
            name.invalid("must be valid format starting with iqn, eui, or naa");
        } else if (!legal) {
            name.invalid("must be valid format");
        }
    }

    static void flocker(Field flocker) {
        Field name = flocker.at("datasetName");
        if (name.empty() && flocker.at("datasetUUID").empty()) {
            flocker.required("one of datasetName and datasetUUID is required");
        }
        if (!name.empty() && !flocker.at("datasetUUID").empty()) {
            flocker.invalidValue("resource", "datasetName and datasetUUID can not be specified simultaneously");
        }
        if (name.text().contains("/")) {
            name.invalid("must not contain '/'");
        }
    }

    private static void downwardApi(Field source) {
        PathRules.mode(source.at("defaultMode"));
        source.at("items").items().forEach(file -> downwardApiFile(file.as(source.path())));
    }

    private static void downwardApiFile(Field file) {
        file.at("path").require();
        PathRules.localNonReserved(file.at("path"));
        Field field = file.at("fieldRef");
        Field resource = file.at("resourceFieldRef");
        if (field.present()) {
            EnvironmentRules.fieldSelector(field, EnvironmentRules.VOLUME_FIELDS);
            if (resource.present()) {
                file.invalidValue("resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        } else if (resource.present()) {
            EnvironmentRules.resourceSelector(resource, true);
        } else {
            file.required("one of fieldRef and resourceFieldRef is required");
        }
        PathRules.mode(file.at("mode"));
    }

    static void fibreChannel(Field fc) {
        Field targets = fc.at("targetWWNs");
        boolean ids = !fc.at("wwids").empty();
        if (targets.empty() && !ids) {
            targets.required("must specify either targetWWNs or wwids, but not both");
        }
        if (!targets.empty() && ids) {
            targets.invalid("targetWWNs and wwids can not be specified simultaneously");
        }
        Field lun = fc.at("lun");
        if (!targets.empty()) {
            if (!lun.present()) {
                lun.required("lun is required if targetWWNs is specified");
            } else if (lun.number() < 0 || lun.number() > 255) {
                lun.invalid("must be between 0 and 255, inclusive");
            }
        }
    }

    static void flex(Field flex) {
        flex.at("driver").require();
        flex.at("options").entries((key, value) -> {
            String domain = "." + Formats.lower(key.contains("/") ? key.substring(0, key.indexOf('/')) : key);
            if (domain.endsWith(".kubernetes.io") || domain.endsWith(".k8s.io")) {
                value.invalidValue(key, "kubernetes.io and k8s.io namespaces are reserved");
            }
        });
    }

    static void azureDisk(Field disk) {
        disk.at("diskName").require();
        disk.at("diskURI").require();
        disk.at("cachingMode").ifPresent(mode -> mode.oneOf("None", "ReadOnly", "ReadWrite"));
        Field kind = disk.at("kind");
        kind.ifPresent(present -> present.oneOf("Dedicated", "Managed", "Shared"));
        String uri = disk.at("diskURI").text();
        if (kind.is("Managed") && !uri.startsWith("/subscriptions/")) {
            disk.at("diskURI")
                    .unsupportedValue(
                            uri,
                            List.of(
                                    "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"));
        }
        if (kind.present() && !kind.is("Managed") && !uri.startsWith("https://")) {
            disk.at("diskURI")
                    .unsupportedValue(
                            uri,
                            List.of("https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"));
        }
    }

    static void storageOs(Field storage) {
        storage.at("volumeName").requireFormat(Formats::label);
        Field namespace = storage.at("volumeNamespace");
        if (!namespace.empty()) {
            namespace.format(Formats::label);
        }
        storage.at("secretRef").ifPresent(secret -> secret.at("name").require());
    }

    static void csiDriver(Field driver) {
        driver.require();
        if (driver.text().length() > 63) {
            driver.tooLong(63);
        }
        if (!driver.empty()) {
            Formats.subdomain(Formats.lower(driver.text())).forEach(driver::invalid);
        }
    }

    private static void csi(Field csi) {
        csiDriver(csi.at("driver"));
        csi.at("nodePublishSecretRef").ifPresent(secret -> secret.at("name").requireFormat(Formats::subdomain));
    }

    private static void ephemeral(Field ephemeral) {
        Field template = ephemeral.at("volumeClaimTemplate");
        if (!template.present()) {
            template.required();
            return;
        }
        MetadataRules.template(template.at("metadata"));
        ClaimRules.spec(template.at("spec"));
    }

    private static void image(Field image) {
        image.at("reference").require();
        Field policy = image.at("pullPolicy");
        if (policy.empty()) {
            policy.required();
        } else {
            policy.oneOf("Always", "IfNotPresent", "Never");
        }
    }

    private static void projected(Field projected) {
        PathRules.mode(projected.at("defaultMode"));
        Set<String> paths = new HashSet<>();
        for (Field source : projected.at("sources").items()) {
            int sources = 0;
            for (String type : List.of("secret", "configMap")) {
                Field items = source.at(type);
                if (items.present()) {
                    sources++;
                    items.at("name").require();
                    for (Field item : items.at("items").items()) {
                        keyToPath(item);
                        unique(
                                item.at("path").text(),
                                paths,
                                projected,
                                items.at("name").text());
                    }
                }
            }
            Field downward = source.at("downwardAPI");
            if (downward.present()) {
                sources++;
                for (Field file : downward.at("items").items()) {
                    downwardApiFile(file.as(downward.path()));
                    unique(
                            file.at("path").text(),
                            paths,
                            projected,
                            file.at("path").text());
                }
            }
            Field token = source.at("serviceAccountToken");
            if (token.present()) {
                sources++;
                token(token, projected);
            }
            Field bundle = source.at("clusterTrustBundle");
            if (bundle.present()) {
                sources++;
                trustBundle(bundle);
                unique(
                        bundle.at("path").text(),
                        paths,
                        projected,
                        bundle.at("path").text());
            }
            if (source.at("podCertificate").present()) {
                sources++;
            }
            if (sources > 1) {
                source.forbidden("may not specify more than 1 volume type per source");
            }
        }
    }

    private static void unique(String path, Set<String> paths, Field projected, String shown) {
        if (!path.isEmpty() && !paths.add(path)) {
            projected.invalidValue(shown, "conflicting duplicate paths");
        }
    }

    private static void token(Field token, Field projected) {
        Field seconds = token.at("expirationSeconds");
        if (seconds.number() < 600) {
            seconds.invalidValue(seconds.number(), "may not specify a duration less than 10 minutes");
        } else if (seconds.number() > 1L << 32) {
            seconds.invalid("may not specify a duration larger than 2^32 seconds");
        }
        Field path = token.at("path").as(projected.path() + ".path");
        if (path.require()) {
            PathRules.localNonReserved(path);
        }
    }

    private static void trustBundle(Field bundle) {
        Field name = bundle.at("name");
        Field signer = bundle.at("signerName");
        if (name.present() && signer.present()) {
            bundle.invalid("only one of name and signerName may be used");
        } else if (name.present()) {
            if (name.text().isEmpty()) {
                name.required("must be a valid object name");
            }
            bundle.at("labelSelector")
                    .ifPresent(selector -> selector.invalid("labelSelector must be unset if name is specified"));
        } else if (signer.present()) {
            if (signer.text().isEmpty()) {
                signer.required("must be a valid signer name");
            }
            Labels.checkSelector(bundle.at("labelSelector"));
        } else {
            bundle.required("either name or signerName must be specified");
        }
        bundle.at("path").require();
        PathRules.localNonReserved(bundle.at("path"));
    }
}
