// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// Names of user attributes are unique, and every user's values go with the
// attribute. So where one run destroys an attribute at one address and makes the
// same at another, it stays.

// ObtainUserAttribute is [Inventory.CreateUserAttribute], but where the name is
// taken by an attribute that is as agrees wants it already, that one is taken over,
// with the users' values, and a delete of it that comes in this run leaves it alone.
func (i *Inventory) ObtainUserAttribute(ctx context.Context, request omni.UserAttributeCreate, agrees func(*omni.UserAttribute) bool) (id string, origin Origin, err error) {
	name := request.Name.Or("")
	key := userAttributeKey(name)
	for {
		if i.handover.hasEnded(key) {
			origin = Remade
		}
		var isFound bool
		id, isFound, err = i.CreateUserAttribute(ctx, request)
		if isFound {
			origin = Found
		}
		if err == nil {
			i.handover.noteMade(key)
		}
		isTaken := httpclient.IsConflict(err) || httpclient.IsBadRequest(err)
		if !isTaken || i.handover.hasMade(key) {
			return id, origin, err
		}
		existing, findErr := i.FindUserAttribute(ctx, name)
		if findErr != nil || existing == nil || existing.IsSystem() || !agrees(existing) {
			return id, origin, err
		}
		if i.handover.claim(ctx, key, i.patience) {
			return existing.ID, AsWanted, nil
		}
		if ctx.Err() != nil || !i.handover.hasEnded(key) {
			return id, origin, err
		}
	}
}

// ReleaseUserAttribute is [Inventory.DeleteUserAttribute], but where this run has
// taken the attribute over at another address, it is left alone, and isLeft is true.
func (i *Inventory) ReleaseUserAttribute(ctx context.Context, name, id string) (isLeft bool, err error) {
	return i.handover.end(userAttributeKey(name), id, func() error { return i.DeleteUserAttribute(ctx, id) })
}
