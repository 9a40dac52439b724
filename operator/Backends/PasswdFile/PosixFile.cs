using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// System calls that .NET lacks: flush a directory, change a file's owner, and identify the file behind a path.
/// </summary>
internal static partial class PosixFile
{
    private const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY on Linux
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int ItselfNotAPath = 0x1000; // AT_EMPTY_PATH
    private const uint TypeAndInode = 0x101; // STATX_TYPE | STATX_INO
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    /// <summary>Flushes a directory to the disk; otherwise a power failure may undo a rename.</summary>
    public static void FlushDirectory(string path)
    {
        int descriptor = Open(path, ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw new IOException($"Directory {path} cannot be opened (errno {Marshal.GetLastPInvokeError()}).");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Flush(descriptor) != 0)
        {
            throw new IOException($"Directory {path} cannot be flushed (errno {Marshal.GetLastPInvokeError()}).");
        }
    }

    /// <summary>
    /// Gives the file the owner and group of another, as far as this process may. Dovecot reads it by its group.
    /// </summary>
    public static void CopyOwner(string from, SafeFileHandle to)
    {
        // statx's fields have the same offsets on every architecture: uid at 20, gid at 24.
        Span<byte> stat = stackalloc byte[256];
        if (Statx(CurrentDirectory, from, 0, 0x18, ref MemoryMarshal.GetReference(stat)) != 0)
        {
            return;
        }

        uint uid = BitConverter.ToUInt32(stat[20..]);
        uint gid = BitConverter.ToUInt32(stat[24..]);
        int descriptor = (int)to.DangerousGetHandle();
        if (ChangeOwner(descriptor, uid, gid) != 0)
        {
            _ = ChangeOwner(descriptor, uint.MaxValue, gid); // not root: set at least the group
        }
    }

    /// <summary>
    /// The file that a path names now, and whether it is a regular file; null if it cannot be examined.
    /// </summary>
    public static (ulong Inode, bool IsRegular)? Find(string path) => Stat(CurrentDirectory, path, flags: 0);

    /// <summary>The inode of an open file, whatever its name is now.</summary>
    public static ulong? InodeOf(SafeFileHandle file) =>
        Stat((int)file.DangerousGetHandle(), "", ItselfNotAPath)?.Inode;

    // statx's fields have the same offsets on every architecture: the mode at 28, the inode at 32.
    private static (ulong Inode, bool IsRegular)? Stat(int directory, string path, int flags)
    {
        Span<byte> stat = stackalloc byte[256];
        return Statx(directory, path, flags, TypeAndInode, ref MemoryMarshal.GetReference(stat)) == 0
            ? (BitConverter.ToUInt64(stat[32..]), (BitConverter.ToUInt16(stat[28..]) & TypeMask) == RegularFile)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(int descriptor, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte stat);
}
