package io.quarterdeck.api.customresources;

import io.quarterdeck.api.document.Document;
import java.util.List;

/** Makes objects of one version out of objects of others. Thread-safe; may block, so never to be asked under a lock. */
@FunctionalInterface
interface Conversion {

    /** Versions differ in nothing but their name. */
    Conversion NONE = (objects, apiVersion) -> {
        objects.forEach(object -> object.set("apiVersion", apiVersion));
        return objects;
    };

    /**
     * @param objects of the same kind, none of them in the version that is wanted; may be changed
     * @param apiVersion {@code group/version}
     * @return one object for each, in order
     * @throws io.quarterdeck.model.StatusException 500 when it fails
     */
    List<Document> convert(List<Document> objects, String apiVersion);
}
