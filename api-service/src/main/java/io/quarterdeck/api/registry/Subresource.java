package io.quarterdeck.api.registry;

import io.quarterdeck.model.GroupVersionKind;
import java.util.List;

/** A subresource as discovery names it. {@code kind} is that of its body: Scale, Eviction, or the resource's own. */
public record Subresource(String name, GroupVersionKind kind, List<String> verbs) {}
