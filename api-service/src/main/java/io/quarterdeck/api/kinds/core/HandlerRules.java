package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Formats;
import java.util.List;

/** Rules about what is asked of a running container: probes and lifecycle hooks. */
final class HandlerRules {

    private HandlerRules() {}

    static void lifecycle(Field lifecycle, long gracePeriod) {
        lifecycle.at("postStart").ifPresent(handler -> handler(handler, gracePeriod));
        lifecycle.at("preStop").ifPresent(handler -> handler(handler, gracePeriod));
    }

    static void livenessProbe(Field probe, long gracePeriod) {
        probe.ifPresent(present -> {
            probe(present, gracePeriod);
            succeedsOnce(present);
        });
    }

    static void startupProbe(Field probe, long gracePeriod) {
        livenessProbe(probe, gracePeriod);
    }

    static void readinessProbe(Field probe, long gracePeriod) {
        probe.ifPresent(present -> {
            probe(present, gracePeriod);
            present.at("terminationGracePeriodSeconds")
                    .ifPresent(seconds -> seconds.invalid("must not be set for readinessProbes"));
        });
    }

    private static void succeedsOnce(Field probe) {
        Field threshold = probe.at("successThreshold");
        if (threshold.number(1) != 1) {
            threshold.invalid("must be 1");
        }
    }

    private static void probe(Field probe, long gracePeriod) {
        handler(probe, gracePeriod);
        probe.at("initialDelaySeconds").nonNegative();
        probe.at("timeoutSeconds").nonNegative();
        probe.at("periodSeconds").nonNegative();
        probe.at("successThreshold").nonNegative();
        probe.at("failureThreshold").nonNegative();
        Field grace = probe.at("terminationGracePeriodSeconds");
        if (grace.isNumber() && grace.number() <= 0) {
            grace.invalid("must be greater than 0");
        }
    }

    private static void handler(Field handler, long gracePeriod) {
        int handlers = 0;
        for (String type : List.of("exec", "httpGet", "tcpSocket", "grpc", "sleep")) {
            Field field = handler.at(type);
            if (!field.present()) {
                continue;
            }
            if (handlers++ > 0) {
                field.forbidden("may not specify more than 1 handler type");
                continue;
            }
            switch (type) {
                case "exec" -> field.at("command").require();
                case "httpGet" -> httpGet(field);
                case "tcpSocket", "grpc" -> portOrName(field.at("port"));
                default -> sleep(field, gracePeriod);
            }
        }
        if (handlers == 0) {
            handler.required("must specify a handler type");
        }
    }

    private static void sleep(Field sleep, long gracePeriod) {
        long seconds = sleep.at("seconds").number();
        if (seconds < 0 || seconds > gracePeriod) {
            sleep.invalidValue(
                    seconds,
                    "must be non-negative and less than terminationGracePeriodSeconds (%d)".formatted(gracePeriod));
        }
    }

    private static void httpGet(Field get) {
        get.at("path").require();
        portOrName(get.at("port"));
        get.at("scheme").oneOf("HTTP", "HTTPS");
        for (Field header : get.at("httpHeaders").items()) {
            String name = header.at("name").text();
            Formats.httpHeader(name).forEach(problem -> get.at("httpHeaders").invalidValue(name, problem));
        }
    }

    /** A port's number or name; nothing counts as 0. */
    static void portOrName(Field port) {
        if (port.isString()) {
            port.format(Formats::portName);
        } else {
            long number = port.number();
            Formats.port(number).forEach(problem -> port.invalidValue(number, problem));
        }
    }
}
