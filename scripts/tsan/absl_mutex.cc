// Tells ThreadSanitizer about absl::Mutex. Debian's Abseil is not instrumented, so without this everything that an
// absl::Mutex guards looks like a race. Linked into every program of the tsan preset, with --wrap for each of these
// functions: calls from our code come here first. Await stays unseen.
#include <sanitizer/tsan_interface.h>

extern "C" {

void __real__ZN4absl7debian35Mutex4LockEv(void* mutex);
void __wrap__ZN4absl7debian35Mutex4LockEv(void* mutex) {
  __tsan_mutex_pre_lock(mutex, 0);
  __real__ZN4absl7debian35Mutex4LockEv(mutex);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

void __real__ZN4absl7debian35Mutex6UnlockEv(void* mutex);
void __wrap__ZN4absl7debian35Mutex6UnlockEv(void* mutex) {
  __tsan_mutex_pre_unlock(mutex, 0);
  __real__ZN4absl7debian35Mutex6UnlockEv(mutex);
  __tsan_mutex_post_unlock(mutex, 0);
}

void __real__ZN4absl7debian35Mutex10ReaderLockEv(void* mutex);
void __wrap__ZN4absl7debian35Mutex10ReaderLockEv(void* mutex) {
  __tsan_mutex_pre_lock(mutex, __tsan_mutex_read_lock);
  __real__ZN4absl7debian35Mutex10ReaderLockEv(mutex);
  __tsan_mutex_post_lock(mutex, __tsan_mutex_read_lock, 0);
}

void __real__ZN4absl7debian35Mutex12ReaderUnlockEv(void* mutex);
void __wrap__ZN4absl7debian35Mutex12ReaderUnlockEv(void* mutex) {
  __tsan_mutex_pre_unlock(mutex, __tsan_mutex_read_lock);
  __real__ZN4absl7debian35Mutex12ReaderUnlockEv(mutex);
  __tsan_mutex_post_unlock(mutex, __tsan_mutex_read_lock);
}

void __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(void* condition, void* mutex);
void __wrap__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(void* condition, void* mutex) {
  __tsan_mutex_pre_unlock(mutex, 0);
  __tsan_mutex_post_unlock(mutex, 0);
  __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(condition, mutex);
  __tsan_mutex_pre_lock(mutex, 0);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

}  // extern "C"
