using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailOperator.Backends.PasswdFile;

/// <summary>What .NET has no call for: making a rename last, and keeping a file's owner.</summary>
internal static partial class PosixFile
{
    private const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY on Linux

    /// <summary>Writes a directory's entries to the disk, without which a rename may be lost with the power.</summary>
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

    /// <summary>Gives the file the group of another, if this process may; Dovecot reads it by its group.</summary>
    public static void CopyOwner(string from, SafeFileHandle to)
    {
        // statx's fields are at fixed places on every architecture: uid at 20, gid at 24.
        Span<byte> stat = stackalloc byte[256];
        if (Statx(-100, from, 0, 0x18, ref MemoryMarshal.GetReference(stat)) != 0)
        {
            return;
        }

        uint uid = BitConverter.ToUInt32(stat[20..]);
        uint gid = BitConverter.ToUInt32(stat[24..]);
        int descriptor = (int)to.DangerousGetHandle();
        if (ChangeOwner(descriptor, uid, gid) != 0)
        {
            _ = ChangeOwner(descriptor, uint.MaxValue, gid); // not root: at least the group, if it is one of ours
        }
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
