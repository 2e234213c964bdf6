package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Secrets. No value of one ever appears in a message. Source: Kubernetes API reference "Secret". */
@Component
final class SecretStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(
            secret -> {
                if (!secret.at("type").empty()) {
                    secret.at("type").immutable();
                }
            },
            secret -> DataRules.frozen(secret, "data"),
            SecretStrategy::data,
            SecretStrategy::type);

    @Override
    public GroupResource resource() {
        return new GroupResource("", "secrets");
    }

    @Override
    public void applyDefaults(Document object) {
        if (object.at("stringData").isObject()) {
            object.at("stringData")
                    .properties()
                    .forEach(entry -> object.object("data")
                            .put(
                                    entry.getKey(),
                                    Base64.getEncoder()
                                            .encodeToString(entry.getValue()
                                                    .asString("")
                                                    .getBytes(StandardCharsets.UTF_8))));
            object.remove("stringData");
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        if (next.text("type").isEmpty()) {
            next.keep("type", old);
        }
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void data(Field secret) {
        long[] size = {0};
        secret.at("data").entries((key, value) -> {
            DataRules.key(key, value);
            size[0] += DataRules.decoded(value.text());
        });
        if (size[0] > DataRules.LIMIT) {
            secret.at("data").tooLong(DataRules.LIMIT);
        }
    }

    private static void type(Field secret) {
        Field data = secret.at("data");
        switch (secret.at("type").text()) {
            case "kubernetes.io/service-account-token" -> {
                Field account = secret.at("metadata.annotations").key("kubernetes.io/service-account.name");
                account.require();
            }
            case "kubernetes.io/dockercfg" -> json(data.key(".dockercfg"));
            case "kubernetes.io/dockerconfigjson" -> json(data.key(".dockerconfigjson"));
            case "kubernetes.io/basic-auth" -> {
                if (!data.node().has("username") && !data.node().has("password")) {
                    data.key("username").required();
                    data.key("password").required();
                }
            }
            case "kubernetes.io/ssh-auth" -> {
                if (decoded(data.key("ssh-privatekey").node()).length == 0) {
                    data.key("ssh-privatekey").required();
                }
            }
            case "kubernetes.io/tls" -> {
                for (String key : List.of("tls.crt", "tls.key")) {
                    if (!data.node().has(key)) {
                        data.key(key).required();
                    }
                }
            }
            default -> {}
        }
    }

    private static void json(Field value) {
        if (!value.present()) {
            value.required();
            return;
        }
        String problem = GoJson.syntaxError(decoded(value.node()));
        if (!problem.isEmpty()) {
            value.invalidValue("<secret contents redacted>", problem);
        }
    }

    private static byte[] decoded(JsonNode value) {
        try {
            return Base64.getDecoder().decode(value.asString(""));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("type"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("secrets")
                .text("Type", "type")
                .number("Data", secret -> secret.at("data").size())
                .columns();
    }
}
