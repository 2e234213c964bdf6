package io.quarterdeck.standalone.server;

import io.quarterdeck.standalone.instance.Role;
import java.util.Map;

/**
 * One part of the control plane or of the node: the class that starts it as a service of its own, and what differs here.
 *
 * @param properties settings that stand above those of the part's own application.yaml
 */
record RolePart(Role role, Class<?> application, Map<String, Object> properties) {}
