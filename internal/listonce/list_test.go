// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package listonce_test

import (
	"cmp"
	"slices"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
)

type item struct{ key, name string }

func TestListIsSortedAndFindsWithoutCase(t *testing.T) {
	t.Parallel()
	list := listonce.NewList([]item{{"B", "2"}, {"", "0"}, {"a", "3"}, {"a", "1"}},
		func(i item) string { return i.key },
		func(a, b item) int { return cmp.Compare(a.name, b.name) })
	if want := []item{{"", "0"}, {"a", "1"}, {"B", "2"}, {"a", "3"}}; !slices.Equal(list.All, want) {
		t.Errorf("the order is %v", list.All)
	}
	for key, want := range map[string]string{"b": "2", "B": "2", "A": "3"} {
		if got, ok := list.Find(key); !ok || got.name != want {
			t.Errorf("%s finds %v, %v", key, got, ok)
		}
	}
	for _, key := range []string{"", "c"} {
		if got, ok := list.Find(key); ok || got != (item{}) {
			t.Errorf("%q finds %v", key, got)
		}
	}
}

func TestNoListFindsNothing(t *testing.T) {
	t.Parallel()
	if _, ok := (listonce.List[item]{}).Find("a"); ok {
		t.Error("the zero value has something")
	}
}

func TestGroupMakesEachMemberOnce(t *testing.T) {
	t.Parallel()
	var made []string
	group := listonce.NewGroup(func(key string) *item {
		made = append(made, key) // under the group's lock
		return &item{key: key}
	})
	if len(made) != 0 || len(group.Members()) != 0 {
		t.Errorf("made %v before anybody asked", made)
	}
	var wait sync.WaitGroup
	members := make([]*item, 20)
	for i := range members {
		wait.Go(func() { members[i] = group.Of([]string{"a", "b"}[i%2]) })
	}
	wait.Wait()
	slices.Sort(made)
	if !slices.Equal(made, []string{"a", "b"}) {
		t.Errorf("made %v", made)
	}
	for i, m := range members {
		if m != members[i%2] {
			t.Errorf("call %d got another member", i)
		}
	}
	if all := group.Members(); len(all) != 2 || !slices.Contains(all, members[0]) || !slices.Contains(all, members[1]) {
		t.Errorf("the members are %v", all)
	}
}
