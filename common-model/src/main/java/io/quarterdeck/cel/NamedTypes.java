package io.quarterdeck.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.quarterdeck.cel.DeclType.ObjectOf;
import java.util.Map;
import java.util.Optional;

/**
 * What the checker asks about named types.
 *
 * @param objects by name
 * @param mutated the fields that objects made by mutations may have; empty where none can be made
 */
// The records are immutable, which the checker of annotations cannot see.
@SuppressWarnings("Immutable")
record NamedTypes(Map<String, ObjectOf> objects, Optional<ImmutableSet<String>> mutated) implements CelTypeProvider {

    /** Types that expressions may name: {@code type(x) == net.IP}. */
    private static final Map<String, CelType> LIBRARY = Map.of(
            "net.IP", LibraryDeclarations.IP,
            "net.CIDR", LibraryDeclarations.CIDR,
            "google.protobuf.Timestamp", SimpleType.TIMESTAMP,
            "google.protobuf.Duration", SimpleType.DURATION);

    @Override
    public ImmutableCollection<CelType> types() {
        return objects.values().stream().map(NamedTypes::type).collect(ImmutableList.toImmutableList());
    }

    @Override
    public Optional<CelType> findType(String name) {
        CelType known = LIBRARY.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        ObjectOf object = objects.get(name);
        return object != null ? Optional.of(type(object)) : mutated.flatMap(fields -> MutationTypes.find(name, fields));
    }

    private static CelType type(ObjectOf object) {
        return StructType.create(
                object.name(),
                ImmutableSet.copyOf(object.fields().keySet()),
                field -> Optional.ofNullable(object.fields().get(field))
                        .map(declared -> CelEnvironment.celType(declared.type())));
    }
}
