// A small operator on controller-runtime, checked from outside: "ok NAME" or "FAIL NAME: why", one a line.
//
// It keeps a ConfigMap for each Order, tells in the Order's status what it did, and holds a finalizer that writes a
// farewell. Its kind is a CustomResourceDefinition that it installs itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const finalizer = "operator.example.com/farewell"

var version = schema.GroupVersion{Group: "operator.example.com", Version: "v1"}

// Order is the operator's own kind.
type Order struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              OrderSpec   `json:"spec,omitempty"`
	Status            OrderStatus `json:"status,omitempty"`
}

type OrderSpec struct {
	Item  string `json:"item"`
	Count int64  `json:"count,omitempty"`
}

type OrderStatus struct {
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
}

type OrderList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Order `json:"items"`
}

func (o *Order) DeepCopyObject() runtime.Object {
	c := *o
	c.ObjectMeta = *o.ObjectMeta.DeepCopy()
	c.Status.Conditions = append([]metav1.Condition(nil), o.Status.Conditions...)
	return &c
}

func (l *OrderList) DeepCopyObject() runtime.Object {
	c := *l
	c.Items = make([]Order, len(l.Items))
	for i := range l.Items {
		c.Items[i] = *l.Items[i].DeepCopyObject().(*Order)
	}
	return &c
}

func definition() *apiextensionsv1.CustomResourceDefinition {
	object := func(properties map[string]apiextensionsv1.JSONSchemaProps, required ...string) apiextensionsv1.JSONSchemaProps {
		return apiextensionsv1.JSONSchemaProps{Type: "object", Properties: properties, Required: required}
	}
	text := apiextensionsv1.JSONSchemaProps{Type: "string"}
	one := 1.0
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "orders." + version.Group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: version.Group,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "orders", Singular: "order", Kind: "Order", ListKind: "OrderList"},
			Scope: apiextensionsv1.NamespaceScoped,
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: version.Version, Served: true, Storage: true,
				Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object",
					Properties: map[string]apiextensionsv1.JSONSchemaProps{
						"spec": object(map[string]apiextensionsv1.JSONSchemaProps{
							"item": text,
							"count": {Type: "integer", Format: "int64", Minimum: &one,
								Default: &apiextensionsv1.JSON{Raw: []byte("1")}},
						}, "item"),
						"status": object(map[string]apiextensionsv1.JSONSchemaProps{
							"observedGeneration": {Type: "integer", Format: "int64"},
							"conditions": {Type: "array", Items: &apiextensionsv1.JSONSchemaPropsOrArray{
								Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{
									"type": text, "status": text, "reason": text, "message": text,
									"observedGeneration": {Type: "integer", Format: "int64"},
									"lastTransitionTime": {Type: "string", Format: "date-time"},
								}}}},
						}),
					},
				}},
			}},
		},
	}
}

type reconciler struct{ client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	order := &Order{}
	if err := r.Get(ctx, request.NamespacedName, order); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !order.DeletionTimestamp.IsZero() {
		farewell := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: order.Namespace, Name: order.Name + "-farewell"}}
		if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, farewell, func() error { return nil }); err != nil {
			return ctrl.Result{}, err
		}
		before := order.DeepCopyObject().(*Order)
		if controllerutil.RemoveFinalizer(order, finalizer) {
			return ctrl.Result{}, client.IgnoreNotFound(r.Patch(ctx, order, client.MergeFrom(before)))
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(order, finalizer) {
		return ctrl.Result{}, r.Update(ctx, order)
	}
	settings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: order.Namespace, Name: order.Name}}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, settings, func() error {
		settings.Data = map[string]string{"item": order.Spec.Item, "count": fmt.Sprint(order.Spec.Count)}
		return controllerutil.SetControllerReference(order, settings, r.Scheme())
	}); err != nil {
		return ctrl.Result{}, err
	}
	before := order.DeepCopyObject().(*Order)
	order.Status.ObservedGeneration = order.Generation
	meta.SetStatusCondition(&order.Status.Conditions, metav1.Condition{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Kept", ObservedGeneration: order.Generation,
	})
	return ctrl.Result{}, r.Status().Patch(ctx, order, client.MergeFrom(before))
}

func check(name string, err error) {
	if err != nil {
		fmt.Printf("FAIL %s: %v\n", name, err)
		return
	}
	fmt.Println("ok " + name)
}

func eventually(ctx context.Context, condition func(ctx context.Context) (bool, error)) error {
	return wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 60*time.Second, true, condition)
}

func main() {
	kubeconfig := flag.String("from", "", "the administrator's kubeconfig")
	namespace := flag.String("namespace", "operator", "is made, and used for everything")
	flag.Parse()
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err == nil {
		err = run(config, *namespace)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run(config *rest.Config, namespace string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	scheme := runtime.NewScheme()
	_ = clientgoscheme.AddToScheme(scheme)
	scheme.AddKnownTypes(version, &Order{}, &OrderList{})
	metav1.AddToGroupVersion(scheme, version)

	_, err := envtest.InstallCRDs(config, envtest.CRDInstallOptions{
		Scheme: scheme, CRDs: []*apiextensionsv1.CustomResourceDefinition{definition()}, MaxTime: 30 * time.Second, PollInterval: 100 * time.Millisecond,
	})
	check("the definition is served", err)

	direct, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return err
	}
	err = direct.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}

	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: "operator.example.com", LeaderElectionNamespace: namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(manager).For(&Order{}).Owns(&corev1.ConfigMap{}).
		Complete(&reconciler{manager.GetClient()})
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- manager.Start(ctx) }()
	select {
	case <-manager.Elected():
		check("the manager is elected", nil)
	case <-time.After(60 * time.Second):
		check("the manager is elected", errors.New("not within a minute"))
	}
	if !manager.GetCache().WaitForCacheSync(ctx) {
		check("the caches are filled", errors.New("they are not"))
	} else {
		check("the caches are filled", nil)
	}

	key := types.NamespacedName{Namespace: namespace, Name: "pens"}
	order := &Order{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: key.Name}, Spec: OrderSpec{Item: "pen"}}
	check("an order is created", direct.Create(ctx, order))
	settings := &corev1.ConfigMap{}
	check("its ConfigMap is made, with the default of the schema", eventually(ctx, func(ctx context.Context) (bool, error) {
		err := manager.GetClient().Get(ctx, key, settings)
		return err == nil && settings.Data["count"] == "1" && metav1.IsControlledBy(settings, order), client.IgnoreNotFound(err)
	}))
	check("its status is told", eventually(ctx, func(ctx context.Context) (bool, error) {
		err := manager.GetClient().Get(ctx, key, order)
		return err == nil && meta.IsStatusConditionTrue(order.Status.Conditions, "Ready"), err
	}))
	check("a change of the order is followed", func() error {
		before := order.DeepCopyObject().(*Order)
		order.Spec.Count = 7
		if err := direct.Patch(ctx, order, client.MergeFrom(before)); err != nil {
			return err
		}
		return eventually(ctx, func(ctx context.Context) (bool, error) {
			err := direct.Get(ctx, key, settings)
			return err == nil && settings.Data["count"] == "7", err
		})
	}())
	check("the status knows the generation", eventually(ctx, func(ctx context.Context) (bool, error) {
		err := direct.Get(ctx, key, order)
		return err == nil && order.Status.ObservedGeneration == order.Generation && order.Generation == 2, err
	}))
	check("what others change in its ConfigMap is put back", func() error {
		settings.Data["count"] = "99"
		if err := direct.Update(ctx, settings); err != nil {
			return err
		}
		return eventually(ctx, func(ctx context.Context) (bool, error) {
			err := direct.Get(ctx, key, settings)
			return err == nil && settings.Data["count"] == "7", err
		})
	}())
	check("an order against the schema is refused", func() error {
		err := direct.Create(ctx, &Order{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "none"}, Spec: OrderSpec{Item: "x", Count: -1}})
		if !apierrors.IsInvalid(err) {
			return fmt.Errorf("not invalid: %w", err)
		}
		return nil
	}())
	check("the finalizer is awaited", func() error {
		if err := direct.Delete(ctx, order); err != nil {
			return err
		}
		return eventually(ctx, func(ctx context.Context) (bool, error) {
			err := direct.Get(ctx, key, order)
			return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
		})
	}())
	check("and did its work", direct.Get(ctx, types.NamespacedName{Namespace: namespace, Name: "pens-farewell"}, settings))
	check("the definition is removed", envtest.UninstallCRDs(config, envtest.CRDInstallOptions{
		Scheme: scheme, CRDs: []*apiextensionsv1.CustomResourceDefinition{definition()},
	}))
	stop()
	select {
	case err := <-done:
		check("the manager ends", err)
	case <-time.After(60 * time.Second):
		check("the manager ends", errors.New("not within a minute"))
	}
	return nil
}
