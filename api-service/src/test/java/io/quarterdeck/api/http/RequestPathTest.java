package io.quarterdeck.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestPathTest {

    @ParameterizedTest(name = "{0} {1}?{2}")
    @CsvSource(
            nullValues = "-",
            emptyValue = "",
            value = {
                "GET,/api/v1/pods,'',list,'',pods,'',''",
                "GET,/api/v1/pods,watch=true,watch,'',pods,'',''",
                "GET,/api/v1/pods,watch=maybe,watch,'',pods,'',''",
                "GET,/api/v1/pods,watch=0,list,'',pods,'',''",
                "GET,/api/v1/watch/namespaces/a/pods,'',watch,a,pods,'',''",
                "GET,/api/v1/namespaces/a/pods/p,'',get,a,pods,p,''",
                "GET,/api/v1/namespaces/a/pods/p,watch=true,get,a,pods,p,''",
                "GET,/api/v1/namespaces/a/pods/p/log,watch=true,get,a,pods,p,log",
                "POST,/api/v1/namespaces,'',create,'',namespaces,'',''",
                "DELETE,/api/v1/namespaces/a,'',delete,'',namespaces,a,''",
                "PUT,/api/v1/namespaces/a/finalize,'',update,'',namespaces,a,finalize",
                "PATCH,/api/v1/namespaces/a/status,'',patch,'',namespaces,a,status",
                "DELETE,/apis/apps/v1/namespaces/a/deployments,'',deletecollection,a,deployments,'',''",
                "GET,/apis/rbac.authorization.k8s.io/v1/clusterroles/a%2Fb:c+d,'',get,'',clusterroles,a/b:c+d,''",
                "GET,/api/v1/namespaces/a/pods/,'',list,a,pods,'',''",
                "FOO,/api/v1/pods,'','','',pods,'',''",
            })
    void resources(
            String method,
            String path,
            String query,
            String verb,
            String namespace,
            String resource,
            String name,
            String subresource) {
        RequestPath read = RequestPath.of(method, path, new Query(query));
        assertThat(read.isResource()).isTrue();
        assertThat(new String[] {read.verb(), read.namespace(), read.resource(), read.name(), read.subresource()})
                .containsExactly(verb, namespace, resource, name, subresource);
    }

    @ParameterizedTest(name = "{0} {1}?{2}")
    @CsvSource(
            value = {
                "GET,/api/v1/pods,fieldSelector=metadata.name%3Dp,p",
                "GET,/api/v1/pods,watch=1&fieldSelector=status.phase%3DX%2Cmetadata.name%3Dp,p",
                "GET,/api/v1/pods,fieldSelector=metadata.name%3D%3Dp%2Cmetadata.name%3Dq,p",
                "GET,/api/v1/pods,fieldSelector=metadata.name!%3Dp,''",
                "GET,/api/v1/pods,fieldSelector=metadata.name%3D..,''",
                "GET,/api/v1/pods,fieldSelector=metadata.name%3Da%2Fb,''",
                "GET,/api/v1/pods,limit=many&fieldSelector=metadata.name%3Dp,''",
                "GET,/api/v1/pods,labelSelector=%3D&fieldSelector=metadata.name%3Dp,''",
                "GET,/api/v1/watch/pods,fieldSelector=metadata.name%3Dp,''",
                "GET,/api/v1/namespaces/a/pods/q,fieldSelector=metadata.name%3Dp,q",
                "DELETE,/api/v1/namespaces/a/pods,fieldSelector=metadata.name%3Dp,''",
                "POST,/api/v1/namespaces/a/pods,fieldSelector=metadata.name%3Dp,''",
            })
    void aListOrWatchOfOneNameIsJudgedAsARequestOnThatName(String method, String path, String query, String name) {
        Query asked = new Query(query);
        assertThat(RequestPath.of(method, path, asked).judgedName(asked)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({"/", "/api", "/api/v1", "/apis/apps", "/apis/apps/v1/", "/healthz/etcd", "//api/v1/pods", "/API/v1/pods"
    })
    void otherPaths(String path) {
        RequestPath read = RequestPath.of("GET", path, new Query(null));
        assertThat(read.isResource()).isFalse();
        assertThat(read.verb()).isEqualTo("get");
    }
}
