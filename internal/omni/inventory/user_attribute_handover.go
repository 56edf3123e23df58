// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// Names of user attributes are unique, and every user's values go with the
// attribute. So where one run destroys an attribute at one address and makes one of
// the same name at another, it stays. A rename frees a name, too.

// ObtainUserAttribute is [Inventory.CreateUserAttribute], but where the name is
// taken by an attribute that is as wanted already, that one is taken over, with the
// users' values, and a delete of it that comes in this run leaves it alone. One that
// differs is taken over, and changed, only where such a delete comes. A name that this
// run frees otherwise is waited for. changes tells what makes an attribute that exists
// the wanted one; false where nothing does.
func (i *Inventory) ObtainUserAttribute(ctx context.Context, request omni.UserAttributeCreate, changes func(*omni.UserAttribute) (omni.UserAttributeSettings, bool)) (id string, origin Origin, err error) {
	name := request.Name.Or("")
	key := userAttributeKey(name)
	for {
		if i.handover.hasEnded(key) {
			origin = Remade
		}
		frees := i.handover.freesOf(key)
		var isFound bool
		id, isFound, err = i.CreateUserAttribute(ctx, request)
		if isFound {
			origin = Found
		}
		if err == nil {
			i.handover.noteMade(key)
		}
		if !isNameTaken(err) || i.handover.hasMade(key) {
			return id, origin, err
		}
		existing, findErr := i.FindUserAttribute(ctx, name)
		isThere := findErr == nil && existing != nil && !existing.IsSystem()
		if isThere && i.handover.freesOf(key) == frees {
			change, isPossible := changes(existing)
			if taken := i.takeUserAttribute(ctx, key, frees, change, isPossible); taken != Made {
				return existing.ID, taken, i.UpdateUserAttribute(ctx, existing.ID, change)
			}
		}
		if i.handover.freesOf(key) == frees || ctx.Err() != nil {
			return id, origin, err
		}
	}
}

// takeUserAttribute takes over what has a name already. It returns [Made] where it
// does not: this run has freed the name by then, or nothing comes that could.
func (i *Inventory) takeUserAttribute(ctx context.Context, key handoverKey, frees int, change omni.UserAttributeSettings, isPossible bool) Origin {
	switch {
	case !isPossible:
		i.handover.awaitFree(ctx, key, frees, i.patience)
	case change == omni.UserAttributeSettings{}:
		if i.handover.claim(ctx, key, i.patience) {
			return AsWanted
		}
	default:
		if id, _ := i.handover.take(ctx, key, i.patience); id != "" {
			i.handover.noteMade(key)
			return TakenOver
		}
	}
	return Made
}

// isNameTaken reports whether a refusal may be one of a name that is taken; the list
// shows whether it is.
func isNameTaken(err error) bool { return httpclient.IsConflict(err) || httpclient.IsBadRequest(err) }

// RenameUserAttribute is [Inventory.UpdateUserAttribute] with a change of the name,
// which waits for a name that this run is about to free. wasTaken is true where a
// create of this run took the attribute over under its former name, which it no
// longer has.
func (i *Inventory) RenameUserAttribute(ctx context.Context, name, id string, change omni.UserAttributeSettings) (wasTaken bool, err error) {
	wanted := change.Name.Or(name)
	if wanted == name {
		return false, i.UpdateUserAttribute(ctx, id, change)
	}
	return i.handover.rename(ctx, userAttributeKey(name), userAttributeKey(wanted), i.patience, func() (isHeld bool, err error) {
		err = i.UpdateUserAttribute(ctx, id, change)
		if !isNameTaken(err) {
			return false, err
		}
		holder, findErr := i.FindUserAttribute(ctx, wanted)
		return findErr == nil && holder != nil && holder.ID != id && !holder.IsSystem(), err
	})
}

// ReleaseUserAttribute is [Inventory.DeleteUserAttribute], but where this run has
// taken the attribute over at another address, it is left alone, and isLeft is true.
func (i *Inventory) ReleaseUserAttribute(ctx context.Context, name, id string) (isLeft bool, err error) {
	return i.handover.end(userAttributeKey(name), id, func() error { return i.DeleteUserAttribute(ctx, id) })
}
