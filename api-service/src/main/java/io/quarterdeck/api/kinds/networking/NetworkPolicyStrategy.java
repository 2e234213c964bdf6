package io.quarterdeck.api.kinds.networking;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Network policies: which traffic pods may send and get. */
@Component
final class NetworkPolicyStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", NetworkPolicyStrategy::check));

    @Override
    public GroupResource resource() {
        return new GroupResource("networking.k8s.io", "networkpolicies");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field spec) {
        Labels.checkSelector(spec.at("podSelector"));
        for (Field rule : spec.at("ingress").items()) {
            rule.at("ports").items().forEach(NetworkPolicyStrategy::port);
            rule.at("from").items().forEach(NetworkPolicyStrategy::peer);
        }
        for (Field rule : spec.at("egress").items()) {
            rule.at("ports").items().forEach(NetworkPolicyStrategy::port);
            rule.at("to").items().forEach(NetworkPolicyStrategy::peer);
        }
        Field types = spec.at("policyTypes");
        if (types.items().size() > 2) {
            types.invalid("may not specify more than two policyTypes");
            return;
        }
        types.items().forEach(type -> type.oneOf("Egress", "Ingress"));
    }

    private static void port(Field entry) {
        entry.at("protocol").ifPresent(protocol -> protocol.oneOf("TCP", "UDP", "SCTP"));
        Field port = entry.at("port");
        Field end = entry.at("endPort");
        if (!port.present()) {
            end.ifPresent(last -> last.invalid("may not be specified when `port` is not specified"));
        } else if (port.isString()) {
            end.ifPresent(last -> last.invalid("may not be specified when `port` is non-numeric"));
            port.format(Formats::portName);
        } else {
            port.invalid(Formats.port(port.number()));
            if (end.present() && end.number() < port.number()) {
                end.invalid("must be greater than or equal to `port`");
            }
            if (end.present()) {
                end.invalid(Formats.port(end.number()));
            }
        }
    }

    private static void peer(Field peer) {
        int kinds = 0;
        for (String selector : List.of("podSelector", "namespaceSelector")) {
            if (peer.at(selector).present()) {
                kinds++;
                Labels.checkSelector(peer.at(selector));
            }
        }
        Field block = peer.at("ipBlock");
        if (block.present()) {
            kinds++;
            block(block);
        }
        if (kinds == 0) {
            peer.required("must specify a peer");
        } else if (kinds > 1 && block.present()) {
            peer.forbidden("may not specify both ipBlock and another peer");
        }
    }

    private static void block(Field block) {
        Field cidr = block.at("cidr");
        if (!cidr.require()) {
            return;
        }
        cidr.format(Addresses::block);
        Addresses.Block whole = Addresses.parseBlock(cidr.text());
        for (Field except : block.at("except").items()) {
            except.format(Addresses::block);
            Addresses.Block part = Addresses.parseBlock(except.text());
            if (whole != null && part != null && (!whole.contains(part.address()) || whole.prefix() >= part.prefix())) {
                except.invalid("must be a strict subset of `cidr`");
            }
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("networkpolicies.networking.k8s.io")
                .text("Pod-Selector", object -> Cells.selector(object.at("spec.podSelector")))
                .columns();
    }
}
