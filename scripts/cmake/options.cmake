# tokens_options: what every target of ours is compiled with. Link it PUBLIC.
set(TOKENS_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined or thread; empty for none")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(tokens_options INTERFACE)
target_compile_features(tokens_options INTERFACE cxx_std_20)
target_include_directories(tokens_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(tokens_options INTERFACE TOKENS_VERSION="${PROJECT_VERSION}")
target_compile_options(tokens_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(TOKENS_SANITIZE)
  target_compile_options(tokens_options INTERFACE
    -fsanitize=${TOKENS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tokens_options INTERFACE -fsanitize=${TOKENS_SANITIZE})
endif()

if(TOKENS_SANITIZE MATCHES "thread")
  add_library(tokens_tsan_absl_mutex OBJECT "${PROJECT_SOURCE_DIR}/scripts/tsan/absl_mutex.cc")
  target_compile_options(tokens_tsan_absl_mutex PRIVATE -fsanitize=thread)
  target_link_options(tokens_options INTERFACE
    "$<TARGET_OBJECTS:tokens_tsan_absl_mutex>"
    -Wl,--wrap=_ZN4absl7debian35Mutex4LockEv,--wrap=_ZN4absl7debian35Mutex6UnlockEv
    -Wl,--wrap=_ZN4absl7debian35Mutex10ReaderLockEv,--wrap=_ZN4absl7debian35Mutex12ReaderUnlockEv
    -Wl,--wrap=_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE)
  add_dependencies(tokens_options tokens_tsan_absl_mutex)
endif()

find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM)
  target_link_options(tokens_options INTERFACE -fuse-ld=lld)
endif()
