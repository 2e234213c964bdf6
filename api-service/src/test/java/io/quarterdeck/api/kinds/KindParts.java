package io.quarterdeck.api.kinds;

import io.quarterdeck.api.registry.ResourceStrategy;
import io.quarterdeck.api.registry.VersionConverter;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;

/** The strategies and converters of all built-in kinds, each without what it works with: what they are is all they tell. */
public final class KindParts {

    private KindParts() {}

    public static List<ResourceStrategy> strategies() {
        return made(KindStrategy.class, ResourceStrategy.class);
    }

    public static List<VersionConverter> converters() {
        return made(VersionConverter.class, VersionConverter.class);
    }

    private static <T> List<T> made(Class<?> wanted, Class<T> type) {
        ClassPathScanningCandidateComponentProvider scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AssignableTypeFilter(wanted));
        List<T> parts = new ArrayList<>();
        for (var candidate : scan.findCandidateComponents("io.quarterdeck.api.kinds")) {
            try {
                Constructor<?> constructor =
                        Class.forName(candidate.getBeanClassName()).getDeclaredConstructors()[0];
                constructor.setAccessible(true);
                parts.add(type.cast(constructor.newInstance(new Object[constructor.getParameterCount()])));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return parts;
    }
}
