package io.quarterdeck.api.kinds.storage;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.VolumeSourceRules;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Which volume is to be attached to which node. */
@Component
final class VolumeAttachmentStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(VolumeAttachmentStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("storage.k8s.io", "volumeattachments");
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field attachment) {
        Field spec = attachment.at("spec");
        Field attacher = spec.at("attacher");
        if (attacher.require()) {
            if (attacher.text().length() > 63) {
                attacher.tooLong(63);
            }
            Formats.subdomain(attachment.updating() ? Formats.lower(attacher.text()) : attacher.text())
                    .forEach(attacher::invalid);
        }
        Field source = spec.at("source");
        Field inline = source.at("inlineVolumeSpec");
        Field name = source.at("persistentVolumeName");
        if (!inline.present() && !name.present()) {
            source.required("must specify exactly one of inlineVolumeSpec and persistentVolumeName");
        } else if (inline.present() && name.present()) {
            source.forbidden("must specify exactly one of inlineVolumeSpec and persistentVolumeName");
        } else if (name.present()) {
            name.require();
        } else {
            VolumeSourceRules.spec(inline, "", true);
        }
        spec.at("nodeName").format(Formats::subdomain);
        if (spec.changed()) {
            spec.invalidValue(spec.node(), "field is immutable");
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status.attached", false);
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("volumeattachments.storage.k8s.io")
                .text("Attacher", "spec.attacher")
                .text("PV", "spec.source.persistentVolumeName")
                .text("Node", "spec.nodeName")
                .flag("Attached", object -> object.flag("status.attached"))
                .columns();
    }
}
