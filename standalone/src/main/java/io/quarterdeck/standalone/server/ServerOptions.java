package io.quarterdeck.standalone.server;

import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.Role;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a server is to be.
 *
 * @param port of the API
 * @param tokenAuthFile static tokens in upstream's format
 * @param training whether to end as soon as everything is up, which records a start for the AOT cache
 */
public record ServerOptions(
        Instance instance, int port, Set<Role> roles, Optional<Path> tokenAuthFile, boolean training) {}
