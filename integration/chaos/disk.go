package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Disk is a small file system of its own, which can be filled. It needs the
// right to mount one.
type Disk struct{ dir string }

// MountDisk makes a file system of so many megabytes in a folder that is there
// and empty. Its memory is the machine's, taken as it fills.
func MountDisk(dir string, megabytes int) (*Disk, error) {
	mount := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", megabytes), "tmpfs", dir)
	if out, err := mount.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mounting a small file system: %w: %s", err, out)
	}
	return &Disk{dir: dir}, nil
}

func (d *Disk) ballast() string { return filepath.Join(d.dir, "ballast") }

// Fill takes all room that is left.
func (d *Disk) Fill() error {
	file, err := os.Create(d.ballast())
	if err != nil {
		return fmt.Errorf("filling the disk: %w", err)
	}
	defer func() { _ = file.Close() }()
	for _, size := range []int{1 << 20, 4 << 10} {
		for piece := make([]byte, size); err == nil; {
			_, err = file.Write(piece)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return fmt.Errorf("filling the disk: %w", err)
		}
		err = nil
	}
	return nil
}

// Free gives the room back.
func (d *Disk) Free() error { return os.Remove(d.ballast()) }

// Unmount takes the file system away, with all that is on it.
func (d *Disk) Unmount() error {
	if out, err := exec.Command("umount", "--lazy", d.dir).CombinedOutput(); err != nil {
		return fmt.Errorf("unmounting the small file system: %w: %s", err, out)
	}
	return nil
}

// centralDisk is how much room the central server has, in MB. A run of an hour
// at the usual rate takes less than half of it.
const centralDisk = 1024

// mountCentral gives the central server a disk of its own, where that is
// allowed.
func (c *Chaos) mountCentral() error {
	dir := filepath.Join(c.dir, "stack", "central")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the central server's folder: %w", err)
	}
	disk, err := MountDisk(dir, centralDisk)
	if err != nil {
		c.say("the central disk will not be full: %v", err)
		c.noDisk = true
		return c.anyCards()
	}
	c.disk = disk
	return nil
}

// fillDisk leaves the central server no room. It may answer with errors, hang,
// or end; once there is room it is started again if it did.
func fillDisk(ctx context.Context, c *Chaos, f fault) error {
	if err := c.disk.Fill(); err != nil {
		return err
	}
	pause(ctx, f.hold)
	err := c.disk.Free()
	if !c.server.Running() {
		c.say("  the central server ended when its disk was full")
		err = errors.Join(err, c.server.Restart(context.WithoutCancel(ctx)))
	}
	return err
}
