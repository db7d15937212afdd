/* A process, and all that it starts, finds a processor with fewer instruction sets.

   LESSER_PROCESSOR says which: avx2, avxvnni or vnni. The instruction CPUID is made to fault (Linux on
   x86-64, arch_prctl(2)), is executed in place of who asked, and what is to be missing is taken out of
   its answer. LESSER_CPUINFO is read in place of /proc/cpuinfo. Leaves and bits: Intel's "Software
   Developer's Manual", volume 2A, CPUID. */

#define _GNU_SOURCE
#include <asm/prctl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef ARCH_SET_CPUID
#define ARCH_SET_CPUID 0x1012
#endif
#define BIT(number) (1u << (number))

enum { FEATURES = 7, SAVED_STATE = 0xd, TILES = 0x1d, TILE_PRODUCTS = 0x1e };
enum { EAX, EBX, ECX, EDX };

/* Of leaf 7.0: AVX-512 F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW,
   4FMAPS, VP2INTERSECT, FP16. AMX: BF16, TILE, INT8. */
static const uint32_t avx512_ebx = BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31);
static const uint32_t avx512_ecx = BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14);
static const uint32_t avx512_edx = BIT(2) | BIT(3) | BIT(8) | BIT(23);
static const uint32_t amx_edx = BIT(22) | BIT(24) | BIT(25);
/* Of leaf 7.1: AVX-512 BF16, AMX FP16, AVX-IFMA; AVX-VNNI; AVX-VNNI-INT8, AVX-NE-CONVERT, AVX-VNNI-INT16, AVX10. */
static const uint32_t later_eax = BIT(5) | BIT(21) | BIT(23), avx_vnni_eax = BIT(4);
static const uint32_t later_edx = BIT(4) | BIT(5) | BIT(10) | BIT(19);
/* Of leaf 13.0, state that is saved: AVX-512's three parts, and AMX's two. */
static const uint32_t avx512_state = BIT(5) | BIT(6) | BIT(7), amx_state = BIT(17) | BIT(18);

static int avx512, avx_vnni; /* what is left */
static struct sigaction others;
static pid_t owner; /* of this memory: what vfork(2) makes has it too */
static int (*real_sigaction)(int, const struct sigaction *, struct sigaction *);

static long let_cpuid(int allowed) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, allowed); }

static void take_out(uint32_t leaf, uint32_t part, uint32_t r[4]) {
    if (leaf == FEATURES && part == 0) {
        r[EDX] &= ~(amx_edx | BIT(23));
        if (!avx512) {
            r[EBX] &= ~avx512_ebx;
            r[ECX] &= ~avx512_ecx;
            r[EDX] &= ~avx512_edx;
        }
    } else if (leaf == FEATURES && part == 1) {
        r[EAX] &= ~(later_eax | (avx_vnni ? 0 : avx_vnni_eax));
        r[EDX] &= ~later_edx;
    } else if (leaf == SAVED_STATE && part == 0) {
        r[EAX] &= ~(amx_state | (avx512 ? 0 : avx512_state));
    } else if (leaf == TILES || leaf == TILE_PRODUCTS) {
        memset(r, 0, 4 * sizeof *r);
    }
}

static int is_cpuid(const siginfo_t *info, const greg_t *registers) {
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    return info->si_code == SI_KERNEL && code[0] == 0x0f && code[1] == 0xa2;
}

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (is_cpuid(info, registers)) {
        uint32_t leaf = registers[REG_RAX], part = registers[REG_RCX], r[4];
        let_cpuid(1);
        __asm__ volatile("cpuid" : "=a"(r[EAX]), "=b"(r[EBX]), "=c"(r[ECX]), "=d"(r[EDX]) : "a"(leaf), "c"(part));
        let_cpuid(0);
        take_out(leaf, part, r);
        registers[REG_RAX] = r[EAX];
        registers[REG_RBX] = r[EBX];
        registers[REG_RCX] = r[ECX];
        registers[REG_RDX] = r[EDX];
        registers[REG_RIP] += 2;
    } else if (others.sa_flags & SA_SIGINFO) {
        others.sa_sigaction(number, info, context);
    } else if (others.sa_handler != SIG_DFL && others.sa_handler != SIG_IGN) {
        others.sa_handler(number);
    } else { /* it is raised again by the same instruction, or here */
        struct sigaction at_once = {.sa_handler = SIG_DFL};
        real_sigaction(number, &at_once, NULL);
        if (info->si_code <= 0)
            raise(number);
    }
}

static void own(void) { owner = getpid(); }

/* Whoever handles faults hears of all but ours. */
int sigaction(int number, const struct sigaction *asked, struct sigaction *before) {
    if (!real_sigaction)
        real_sigaction = dlsym(RTLD_NEXT, "sigaction");
    if (number != SIGSEGV)
        return real_sigaction(number, asked, before);
    struct sigaction now = others;
    if (asked && owner == getpid())
        others = *asked;
    if (before)
        *before = now;
    return 0;
}

void (*signal(int number, void (*handler)(int)))(int) {
    struct sigaction asked = {.sa_handler = handler, .sa_flags = SA_RESTART}, before;
    return sigaction(number, &asked, &before) ? SIG_ERR : before.sa_handler;
}

/* A fault that is blocked ends the process. */
#define MASKS(name)                                                                                         \
    int name(int how, const sigset_t *asked, sigset_t *before) {                                            \
        int (*set)(int, const sigset_t *, sigset_t *) = dlsym(RTLD_NEXT, #name);                            \
        sigset_t ours;                                                                                      \
        if (asked && how != SIG_UNBLOCK) {                                                                  \
            ours = *asked;                                                                                  \
            sigdelset(&ours, SIGSEGV);                                                                      \
            asked = &ours;                                                                                  \
        }                                                                                                   \
        return set(how, asked, before);                                                                     \
    }
MASKS(pthread_sigmask)
MASKS(sigprocmask)

static int opened(const char *name, const char *path, int flags, mode_t mode) {
    const char *cpuinfo = getenv("LESSER_CPUINFO");
    int (*open_file)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    return open_file(cpuinfo && !strcmp(path, "/proc/cpuinfo") ? cpuinfo : path, flags, mode);
}

#define OPENS(name)                                                                                         \
    int name(const char *path, int flags, ...) {                                                            \
        va_list rest;                                                                                       \
        va_start(rest, flags);                                                                              \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;                           \
        va_end(rest);                                                                                       \
        return opened(#name, path, flags, mode);                                                            \
    }
OPENS(open)
OPENS(open64)

__attribute__((constructor)) static void begin(void) {
    const char *kind = getenv("LESSER_PROCESSOR");
    if (!kind)
        return;
    avx512 = !strcmp(kind, "vnni");
    avx_vnni = !strcmp(kind, "avxvnni");
    own();
    pthread_atfork(NULL, NULL, own);
    struct sigaction ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    real_sigaction = dlsym(RTLD_NEXT, "sigaction");
    real_sigaction(SIGSEGV, &ours, NULL); /* not on the other stack: it may be too small for AMX's state */
    if (let_cpuid(0)) {
        static const char refused[] = "The system does not let CPUID fault here: see arch_prctl(2).\n";
        (void)!write(STDERR_FILENO, refused, sizeof refused - 1);
        _exit(1);
    }
}
