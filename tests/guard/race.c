// race HOW TRIES ONE OTHER PROGRAM WORD…: executes a program many times, while somebody else writes one
// and the other (of up to 6 bytes) where `@` stands among its words: a thread, a process that shares the
// memory, or one that shares a mapping.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile char *word;
static char one[8], other[8];

static int flip(void *unused) {
    // Long enough for one exec; what shares only a mapping goes on until it is killed.
    for (int rounds = unused ? 1 : 30000; rounds > 0; rounds -= !unused) {
        memcpy((char *)word, one, 7);
        for (volatile int i = 0; i < 400; i++) {}
        memcpy((char *)word, other, 7);
        for (volatile int i = 0; i < 400; i++) {}
    }
    return 0;
}

static void *flip_in_thread(void *unused) {
    flip(unused);
    return 0;
}

int main(int argc, char **argv) {
    char how = argv[1][0];
    strncpy(one, argv[3], 7);
    strncpy(other, argv[4], 7);
    for (int i = 5; i < argc; i++)
        if (!strcmp(argv[i], "@")) argv[i] = 0;
    int flags = how == 'm' ? MAP_SHARED : MAP_PRIVATE;
    word = mmap(0, 4096, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    memcpy((char *)word, one, 7);
    for (int i = 5; i < argc; i++)
        if (!argv[i]) argv[i] = (char *)word;
    pid_t peer = 0;
    if (how == 'm' && (peer = fork()) == 0) flip((void *)word);
    for (int tries = atoi(argv[2]); tries > 0; tries--) {
        pid_t child = fork();
        if (child == 0) {
            if (how == 't') {
                pthread_t thread;
                pthread_create(&thread, 0, flip_in_thread, 0);
            }
            if (how == 'v') {
                char *stack = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                clone(flip, stack + 65536, CLONE_VM | SIGCHLD, 0);
            }
            execvp(argv[5], argv + 5);
            _exit(1);
        }
        waitpid(child, 0, 0);
        // What shared the child's memory goes on without it.
        if (how == 'v') while (waitpid(-1, 0, WNOHANG) > 0) {}
    }
    if (peer) kill(peer, SIGKILL);
    return 0;
}
