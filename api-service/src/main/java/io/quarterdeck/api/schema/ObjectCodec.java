package io.quarterdeck.api.schema;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects between bytes and trees, by the schema of their kind. Serves every kind that has a schema: stored ones, lists,
 * options, reviews, Scale, Status. Thread-safe.
 */
public interface ObjectCodec {

    /** Whether there is a schema for this kind. */
    boolean knows(GroupVersionKind kind);

    /**
     * Reads a request body by the schema of the kind that it names.
     *
     * @param expected taken where the body names no kind or version
     * @throws io.quarterdeck.model.StatusException 400 in upstream's words for bytes that cannot be read, an unregistered
     *     kind, a value of the wrong type
     */
    Decoded decode(byte[] body, Encoding encoding, GroupVersionKind expected);

    /** Judges and prunes a tree that a patch made, as {@link #decode} does bytes. The tree is the document's own. */
    Decoded check(ObjectNode tree, GroupVersionKind kind);

    /** The same of a tree that an apply made: what it says to be null stays there to be judged. */
    default Decoded checkApplied(ObjectNode tree, GroupVersionKind kind) {
        return check(tree, kind);
    }

    /**
     * Refuses a tree whose type header names a kind that cannot become {@code kind}; one that names nothing is of it.
     *
     * @throws io.quarterdeck.model.StatusException 400 in upstream's words
     */
    void requireKind(ObjectNode tree, GroupVersionKind kind);

    /** Fills in what the kind's defaults table says; the strategy's computed defaults come after. */
    void applyDefaults(Document object, GroupVersionKind kind);

    /**
     * The stored form: canonical JSON from {@code "metadata":{"resourceVersion":""} to the closing brace; the type header
     * and whatever resourceVersion the document has are left out.
     */
    byte[] canonical(Document object, GroupVersionKind kind);

    /** The object whose stored or served form this is, its type header set. */
    Document read(byte[] body, GroupVersionKind kind);

    /** Canonical JSON of any tree, in the order of its fields, numbers as Go prints them. */
    byte[] json(ObjectNode tree);

    /** YAML of any tree, as upstream prints it: keys sorted. */
    byte[] yaml(ObjectNode tree);

    /** The protobuf message of an object, without the envelope. */
    byte[] protobuf(ObjectNode tree, GroupVersionKind kind);

    /** {@code k8s\0} and the Unknown message around {@code message}. */
    byte[] envelope(byte[] message, GroupVersionKind kind);

    /**
     * A frame of a protobuf watch, in parts to be sent one after the other: its length in four bytes, then the WatchEvent
     * around the enveloped object.
     *
     * @param message as {@link #protobuf} gives it; one of the parts
     */
    List<byte[]> watchFrame(String type, byte[] message, GroupVersionKind kind);

    /**
     * The enveloped protobuf message of a list, in parts to be sent one after the other.
     *
     * @param metadata the list's metadata
     * @param items messages as {@link #protobuf} gives them; they are among the parts
     * @param kind of the list
     */
    List<byte[]> protobufList(ObjectNode metadata, List<byte[]> items, GroupVersionKind kind);
}
