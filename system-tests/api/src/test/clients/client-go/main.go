// Exercises client-go against a cluster: one check a line, "ok NAME" or "FAIL NAME: why".
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	applyapps "k8s.io/client-go/applyconfigurations/apps/v1"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	applymeta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/retry"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

type checks struct {
	config    *rest.Config
	typed     *kubernetes.Clientset
	namespace string
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "the administrator's kubeconfig")
	namespace := flag.String("namespace", "client-go", "is made, and used for everything")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	config.QPS, config.Burst = 200, 400
	c := &checks{config: config, typed: kubernetes.NewForConfigOrDie(config), namespace: *namespace}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	failed := false
	for _, check := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"namespace", c.makeNamespace},
		{"typed", c.typedClient},
		{"typed-json", c.typedJSON},
		{"conflict-retry", c.conflictRetry},
		{"paging", c.paging},
		{"watch", c.watch},
		{"dynamic", c.dynamicClient},
		{"metadata", c.metadataClient},
		{"discovery", c.discovery},
		{"rest-mapper", c.restMapper},
		{"scale", c.scale},
		{"apply-configurations", c.applyConfigurations},
		{"shared-informers", c.sharedInformers},
		{"dynamic-informer", c.dynamicInformer},
		{"metadata-informer", c.metadataInformer},
		{"leader-election", c.leaderElection},
		{"delete-collection", c.deleteCollection},
	} {
		if err := check.run(ctx); err != nil {
			failed = true
			fmt.Printf("FAIL %s: %v\n", check.name, err)
		} else {
			fmt.Printf("ok %s\n", check.name)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func want(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checks) makeNamespace(ctx context.Context) error {
	_, err := c.typed.CoreV1().Namespaces().Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.namespace}}, metav1.CreateOptions{})
	return err
}

func deployment(name string, replicas int32) *appsv1.Deployment {
	set := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: set},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: set},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: set},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "nginx"}}},
			},
		},
	}
}

// The typed client asks for protobuf first and sends it.
func (c *checks) typedClient(ctx context.Context) error {
	return crud(ctx, c.typed, c.namespace, "typed")
}

func (c *checks) typedJSON(ctx context.Context) error {
	config := rest.CopyConfig(c.config)
	config.ContentType = "application/json"
	config.AcceptContentTypes = "application/json"
	return crud(ctx, kubernetes.NewForConfigOrDie(config), c.namespace, "typed-json")
}

func crud(ctx context.Context, client *kubernetes.Clientset, namespace, name string) error {
	deployments := client.AppsV1().Deployments(namespace)
	made, err := deployments.Create(ctx, deployment(name, 2), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	got, err := deployments.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := first(
		want(got.UID == made.UID && *got.Spec.Replicas == 2, "read other than written: %v", got),
		want(got.Spec.Template.Spec.RestartPolicy == corev1.RestartPolicyAlways, "no defaults: %v", got.Spec)); err != nil {
		return err
	}
	got.Spec.Template.Spec.Containers[0].Image = "redis"
	updated, err := deployments.Update(ctx, got, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	updated.Status.ObservedGeneration = updated.Generation
	status, err := deployments.UpdateStatus(ctx, updated, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	patched, err := deployments.Patch(ctx, name, types.StrategicMergePatchType,
		[]byte(`{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	list, err := deployments.List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		return err
	}
	_, missing := deployments.Get(ctx, "nothing", metav1.GetOptions{})
	_, exists := deployments.Create(ctx, deployment(name, 1), metav1.CreateOptions{})
	_, invalid := deployments.Create(ctx, deployment("Wrong_Name", -1), metav1.CreateOptions{})
	err = deployments.Delete(ctx, name, metav1.DeleteOptions{})
	return first(err,
		want(updated.Generation == 2, "generation %d after an update", updated.Generation),
		want(status.Status.ObservedGeneration == 2, "status was not written"),
		want(len(patched.Spec.Template.Spec.Containers) == 2, "the patch did not merge: %v", patched.Spec),
		want(len(list.Items) == 1, "%d listed", len(list.Items)),
		want(apierrors.IsNotFound(missing), "not IsNotFound: %v", missing),
		want(apierrors.IsAlreadyExists(exists), "not IsAlreadyExists: %v", exists),
		want(apierrors.IsInvalid(invalid), "not IsInvalid: %v", invalid))
}

func (c *checks) conflictRetry(ctx context.Context) error {
	maps := c.typed.CoreV1().ConfigMaps(c.namespace)
	old, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "contended"}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if _, err := maps.Update(ctx, with(old, "a", "1"), metav1.UpdateOptions{}); err != nil {
		return err
	}
	_, conflict := maps.Update(ctx, with(old, "b", "2"), metav1.UpdateOptions{})
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		now, err := maps.Get(ctx, "contended", metav1.GetOptions{})
		if err != nil {
			return err
		}
		_, err = maps.Update(ctx, with(now, "b", "2"), metav1.UpdateOptions{})
		return err
	})
	return first(err, want(apierrors.IsConflict(conflict), "not IsConflict: %v", conflict))
}

func with(from *corev1.ConfigMap, key, value string) *corev1.ConfigMap {
	next := from.DeepCopy()
	if next.Data == nil {
		next.Data = map[string]string{}
	}
	next.Data[key] = value
	return next
}

func (c *checks) paging(ctx context.Context) error {
	maps := c.typed.CoreV1().ConfigMaps(c.namespace)
	for i := range 25 {
		name := fmt.Sprintf("page-%02d", i)
		if _, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"set": "page"}}}, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	seen, pages, version, token := 0, 0, "", ""
	for {
		page, err := maps.List(ctx, metav1.ListOptions{Limit: 10, Continue: token, LabelSelector: "set=page"})
		if err != nil {
			return err
		}
		pages++
		seen += len(page.Items)
		if version != "" && version != page.ResourceVersion {
			return fmt.Errorf("page %d is of version %s, the first of %s", pages, page.ResourceVersion, version)
		}
		version, token = page.ResourceVersion, page.Continue
		if token == "" {
			return first(want(seen == 25, "%d seen", seen), want(pages == 3, "%d pages", pages))
		}
	}
}

func (c *checks) watch(ctx context.Context) error {
	maps := c.typed.CoreV1().ConfigMaps(c.namespace)
	watch, err := maps.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=watched"})
	if err != nil {
		return err
	}
	defer watch.Stop()
	made, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "watched"}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if _, err := maps.Update(ctx, with(made, "a", "b"), metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "watched", metav1.DeleteOptions{}); err != nil {
		return err
	}
	for _, expected := range []string{"ADDED", "MODIFIED", "DELETED"} {
		select {
		case event := <-watch.ResultChan():
			if string(event.Type) != expected {
				return fmt.Errorf("%s instead of %s: %v", event.Type, expected, event.Object)
			}
		case <-time.After(20 * time.Second):
			return fmt.Errorf("no %s", expected)
		}
	}
	return nil
}

func (c *checks) dynamicClient(ctx context.Context) error {
	client, err := dynamic.NewForConfig(c.config)
	if err != nil {
		return err
	}
	maps := client.Resource(configMaps).Namespace(c.namespace)
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "dynamic"},
		"data":     map[string]any{"a": "b"},
	}}
	if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); err != nil {
		return err
	}
	patched, err := maps.Patch(ctx, "dynamic", types.MergePatchType, []byte(`{"data":{"a":null,"c":"d"}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	data, _, _ := unstructured.NestedStringMap(patched.Object, "data")
	object.Object["data"] = map[string]any{"e": "f"}
	applied, err := maps.Apply(ctx, "dynamic", object, metav1.ApplyOptions{FieldManager: "dynamic", Force: true})
	if err != nil {
		return err
	}
	list, err := maps.List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=dynamic"})
	if err != nil {
		return err
	}
	after, _, _ := unstructured.NestedStringMap(applied.Object, "data")
	return first(
		want(len(data) == 1 && data["c"] == "d", "patched to %v", data),
		want(after["e"] == "f", "applied to %v", after),
		want(len(list.Items) == 1 && list.GetKind() == "ConfigMapList", "listed %v", list))
}

func (c *checks) metadataClient(ctx context.Context) error {
	client, err := metadata.NewForConfig(c.config)
	if err != nil {
		return err
	}
	maps := client.Resource(configMaps).Namespace(c.namespace)
	list, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "set=page"})
	if err != nil {
		return err
	}
	one, err := maps.Get(ctx, "page-00", metav1.GetOptions{})
	if err != nil {
		return err
	}
	_, err = maps.Patch(ctx, "page-00", types.MergePatchType, []byte(`{"metadata":{"annotations":{"a":"b"}}}`), metav1.PatchOptions{})
	return first(err,
		want(len(list.Items) == 25, "%d listed", len(list.Items)),
		want(one.Labels["set"] == "page" && one.UID != "", "read %v", one))
}

func (c *checks) discovery(ctx context.Context) error {
	client := c.typed.Discovery()
	groups, resources, err := client.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	preferred, err := discovery.ServerPreferredNamespacedResources(client)
	if err != nil {
		return err
	}
	version, err := client.ServerVersion()
	if err != nil {
		return err
	}
	document, err := client.OpenAPISchema()
	if err != nil {
		return err
	}
	third, err := client.OpenAPIV3().Paths()
	return first(err,
		want(len(groups) > 15 && len(resources) > 20, "%d groups, %d lists", len(groups), len(resources)),
		want(len(preferred) > 10, "%d preferred", len(preferred)),
		want(version.Major == "1", "version %v", version),
		want(len(document.GetDefinitions().GetAdditionalProperties()) > 400, "OpenAPI v2 has %d definitions", len(document.GetDefinitions().GetAdditionalProperties())),
		want(third["apis/apps/v1"] != nil, "OpenAPI v3 has %v", third))
}

func (c *checks) restMapper(ctx context.Context) error {
	cached := memory.NewMemCacheClient(c.typed.Discovery())
	mapper := restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(cached), cached, nil)
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "apps", Kind: "Deployment"})
	if err != nil {
		return err
	}
	short, err := mapper.ResourceFor(schema.GroupVersionResource{Resource: "hpa"})
	if err != nil {
		return err
	}
	_, none := mapper.RESTMapping(schema.GroupKind{Group: "example.com", Kind: "Nothing"})
	return first(
		want(mapping.Resource.Resource == "deployments" && mapping.Scope.Name() == meta.RESTScopeNameNamespace, "mapped to %v", mapping),
		want(short.Resource == "horizontalpodautoscalers" && short.Version == "v2", "hpa is %v", short),
		want(meta.IsNoMatchError(none), "not IsNoMatchError: %v", none))
}

func (c *checks) scale(ctx context.Context) error {
	deployments := c.typed.AppsV1().Deployments(c.namespace)
	if _, err := deployments.Create(ctx, deployment("scaled", 1), metav1.CreateOptions{}); err != nil {
		return err
	}
	scale, err := deployments.GetScale(ctx, "scaled", metav1.GetOptions{})
	if err != nil {
		return err
	}
	scale.Spec.Replicas = 4
	if _, err := deployments.UpdateScale(ctx, "scaled", scale, metav1.UpdateOptions{}); err != nil {
		return err
	}
	got, err := deployments.Get(ctx, "scaled", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return want(*got.Spec.Replicas == 4 && scale.Status.Selector == "app=scaled", "scaled to %d, selector %q", *got.Spec.Replicas, scale.Status.Selector)
}

func (c *checks) applyConfigurations(ctx context.Context) error {
	set := map[string]string{"app": "applied"}
	deployments := c.typed.AppsV1().Deployments(c.namespace)
	desired := applyapps.Deployment("applied", c.namespace).WithLabels(set).WithSpec(applyapps.DeploymentSpec().
		WithReplicas(2).
		WithSelector(applymeta.LabelSelector().WithMatchLabels(set)).
		WithTemplate(applycore.PodTemplateSpec().WithLabels(set).WithSpec(applycore.PodSpec().WithContainers(
			applycore.Container().WithName("c").WithImage("nginx")))))
	if _, err := deployments.Apply(ctx, desired, metav1.ApplyOptions{FieldManager: "one"}); err != nil {
		return err
	}
	other := applyapps.Deployment("applied", c.namespace).WithSpec(applyapps.DeploymentSpec().WithReplicas(5))
	_, conflict := deployments.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "two"})
	forced, err := deployments.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "two", Force: true})
	if err != nil {
		return err
	}
	mine, err := applyapps.ExtractDeployment(forced, "one")
	if err != nil {
		return err
	}
	return first(
		want(apierrors.IsConflict(conflict) && apierrors.HasStatusCause(conflict, metav1.CauseTypeFieldManagerConflict), "not a conflict of managers: %v", conflict),
		want(*forced.Spec.Replicas == 5, "forced to %d", *forced.Spec.Replicas),
		want(mine.Spec != nil && mine.Spec.Replicas == nil && len(mine.Spec.Template.Spec.Containers) == 1, "extracted %v", mine))
}

// Informers list by watching (WatchList) unless the environment turns that off; the test runs both.
func (c *checks) sharedInformers(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	factory := informers.NewSharedInformerFactoryWithOptions(c.typed, 0, informers.WithNamespace(c.namespace))
	var added, updated, deleted atomic.Int32
	maps := factory.Core().V1().ConfigMaps()
	if _, err := maps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(any, any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	}); err != nil {
		return err
	}
	deployments := factory.Apps().V1().Deployments().Lister()
	factory.Apps().V1().Deployments().Informer()
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("%v did not sync", kind)
		}
	}
	page, err := maps.Lister().ConfigMaps(c.namespace).List(labels.SelectorFromSet(labels.Set{"set": "page"}))
	if err != nil {
		return err
	}
	if _, err := deployments.Deployments(c.namespace).Get("scaled"); err != nil {
		return err
	}
	client := c.typed.CoreV1().ConfigMaps(c.namespace)
	made, err := client.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "informed-"}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if _, err := client.Update(ctx, with(made, "a", "b"), metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := client.Delete(ctx, made.Name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return updated.Load() > 0 && deleted.Load() > 0, nil
	})
	return first(err, want(len(page) == 25, "%d in the lister", len(page)))
}

func (c *checks) dynamicInformer(ctx context.Context) error {
	client, err := dynamic.NewForConfig(c.config)
	if err != nil {
		return err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, c.namespace, nil)
	informer := factory.ForResource(configMaps)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	list, err := informer.Lister().List(labels.SelectorFromSet(labels.Set{"set": "page"}))
	return first(err, want(len(list) == 25, "%d in the lister", len(list)))
}

func (c *checks) metadataInformer(ctx context.Context) error {
	client, err := metadata.NewForConfig(c.config)
	if err != nil {
		return err
	}
	factory := metadatainformer.NewFilteredSharedInformerFactory(client, 0, c.namespace, nil)
	informer := factory.ForResource(configMaps)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	list, err := informer.Lister().List(labels.SelectorFromSet(labels.Set{"set": "page"}))
	return first(err, want(len(list) == 25, "%d in the lister", len(list)))
}

// Two candidates; the second leads once the first lets go.
func (c *checks) leaderElection(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	leading := make(chan string, 4)
	candidate := func(name string) context.CancelFunc {
		own, release := context.WithCancel(ctx)
		go leaderelection.RunOrDie(own, leaderelection.LeaderElectionConfig{
			Lock: &resourcelock.LeaseLock{
				LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: c.namespace},
				Client:     c.typed.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: name},
			},
			ReleaseOnCancel: true,
			LeaseDuration:   2 * time.Second,
			RenewDeadline:   1500 * time.Millisecond,
			RetryPeriod:     200 * time.Millisecond,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { leading <- name },
				OnStoppedLeading: func() {},
			},
		})
		return release
	}
	next := func() (string, error) {
		select {
		case name := <-leading:
			return name, nil
		case <-ctx.Done():
			return "", fmt.Errorf("nobody leads")
		}
	}
	release := candidate("first")
	leader, err := next()
	if err != nil || leader != "first" {
		return fmt.Errorf("%q leads: %v", leader, err)
	}
	defer candidate("second")()
	release()
	leader, err = next()
	return first(err, want(leader == "second", "%q leads after the first let go", leader))
}

func (c *checks) deleteCollection(ctx context.Context) error {
	maps := c.typed.CoreV1().ConfigMaps(c.namespace)
	if err := maps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "set=page"}); err != nil {
		return err
	}
	list, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "set=page"})
	return first(err, want(len(list.Items) == 0, "%d left", len(list.Items)))
}
