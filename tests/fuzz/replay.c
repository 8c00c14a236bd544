/* replay.c: runs a fuzzer over the files of folders, without libFuzzer: a regression
 * test. */
#include "fuzz.h"

#include "common/cleanup.h"
#include "common/file.h"

#include <dirent.h>
#include <limits.h>

static size_t replay_folder(const char *folder)
{
    size_t count = 0;
    DIR *files = opendir(folder);
    if (!files)
        return 0;
    for (const struct dirent *file = readdir(files); file; file = readdir(files)) {
        char path[PATH_MAX];
        AUTO_FREE char *text = NULL;
        size_t size = 0;
        struct err err = {0};
        (void)snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
        if (file->d_name[0] == '.' || file_read(path, 1U << 26, &text, &size, &err))
            continue;
        (void)LLVMFuzzerTestOneInput((const uint8_t *)text, size);
        count++;
    }
    (void)closedir(files);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        count += replay_folder(argv[i]);
    (void)printf("%zu inputs\n", count);
    return count > 0 ? EXIT_SUCCESS
                     : EXIT_FAILURE; /* a test that ran nothing has failed */
}
