// Package process runs the parts of the integration stack as operating system
// processes that can be killed, frozen, restarted and measured, and that are
// never left behind.
//
// A process dies with the program that started it, however that one ends: by
// returning, by a panic, by Ctrl-C, by kill -9. One that is detached lives on;
// it is found again by its [ID], which a process that merely got the same pid
// later does not have.
package process
