// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// defaultTimeout bounds each operation where the configuration does not.
const defaultTimeout = 10 * time.Minute

// Timed is the part of a resource's model that bounds its operations; embed it.
type Timed struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (t Timed) limits() timeouts.Value { return t.Timeouts }

// TimedAction is the part of an action's model that bounds it; embed it.
type TimedAction struct {
	Timeouts actiontimeouts.Value `tfsdk:"timeouts"`
}

func (t TimedAction) limits() actiontimeouts.Value { return t.Timeouts }

// Begin is how each operation begins: it decodes what the operation works from,
// which is the plan or, where there is none, the state, and bounds the operation
// by one of the timeouts in it, such as timeouts.Value.Create. What goes wrong
// is in diags; the caller always has to call end.
func Begin[M interface{ limits() V }, V any](
	ctx context.Context,
	from readable,
	limit func(V, context.Context, time.Duration) (time.Duration, diag.Diagnostics),
	diags *diag.Diagnostics,
) (model M, bounded context.Context, end context.CancelFunc) {
	model = Decode[M](ctx, from, diags)
	if diags.HasError() {
		return model, ctx, func() {}
	}
	within, limitDiags := limit(model.limits(), ctx, defaultTimeout)
	diags.Append(limitDiags...)
	bounded, end = context.WithTimeout(ctx, within)
	return model, bounded, end
}

const afterwardsTimeout = 45 * time.Second

// Afterwards returns the context of what is done after an operation has failed, or was
// found to be done: it outlives a cancel and the operation's own time, and ends within
// 45 s.
func Afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), afterwardsTimeout)
}

// Undo takes an object that a create has made, and cannot complete, off the server
// and out of the state, so that the next apply begins without it. Where removing it
// fails, the state keeps it.
func Undo(ctx context.Context, resp *resource.CreateResponse, remove func(context.Context) error) error {
	ctx, cancel := Afterwards(ctx)
	defer cancel()
	if err := remove(ctx); err != nil {
		return err
	}
	resp.State.RemoveResource(ctx)
	return nil
}

// Gone removes an object from the state, with a warning, because it is certain
// that it no longer exists. If the read is an import's it never was there,
// which is an error.
func Gone(ctx context.Context, resp *resource.ReadResponse, identity any, what, detail string) {
	if given := onlyIdentity(resp); given != "" {
		resp.Diagnostics.AddError(fmt.Sprintf("Nothing to import: there is no %s with %s", strings.TrimPrefix(strings.TrimPrefix(what, "An "), "A "), given),
			"The server does not have it. Check the import's text or identity, and that the provider block names the server and the organization that have it. What was deleted, or is in a trash, cannot be imported.")
		return
	}
	resp.Diagnostics.AddWarning(what+" is gone", detail)
	resp.State.RemoveResource(ctx)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...) // the framework wants it even so
}

// onlyIdentity returns what identifies the object, as "id 550e…", where the state has
// no more than that, as it is before the read of an import; else "". What a bool is
// set to by the import itself says nothing.
func onlyIdentity(resp *resource.ReadResponse) string {
	values := attributesOf(resp.State.Raw)
	var given []string
	identifies := resp.Identity.Schema.GetAttributes()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		_, isIdentity := identifies[name]
		value := values[name]
		switch {
		case value.IsNull(), name == "timeouts":
		case isIdentity:
			given = append(given, name+" "+strings.Trim(show(value), `"`))
		case !value.Type().Is(tftypes.Bool):
			return ""
		}
	}
	return strings.Join(given, ", ")
}
