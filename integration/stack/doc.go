// Package stack runs the real thing on a bare Debian machine: Kafka, Kafka
// Connect with Debezium, and as many MySQL or MariaDB servers as asked for.
// What they need is fetched on first use (package fetch); nothing is installed.
//
// [Start] brings up Kafka and Connect, [Stack.MySQL] adds servers to it, and
// [StartMySQL] starts one alone for tests that need no more. Every part is a
// [process.Process]: it can be killed, frozen, restarted and measured. All
// listen on 127.0.0.1 only, on free ports, without passwords, and keep their
// data and logs in the run's folder. They end with the program that started
// them, unless [Options.Detach] is set; [Open] finds those again.
package stack
