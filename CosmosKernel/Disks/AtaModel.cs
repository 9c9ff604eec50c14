namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>The model of an ATA disk as it names itself.</summary>
internal unsafe struct AtaModel
{
    private const int Bytes = 40;

    /// <summary>NUL-terminated, printable characters only, without the spaces behind it.</summary>
    internal fixed byte Text[Bytes + 1];

    /// <summary>Takes it from words 27 to 46 of IDENTIFY DEVICE: each holds two characters, the first in its high byte.</summary>
    internal void Take(ushort* words)
    {
        int length = 0;
        for (int i = 0; i < Bytes; i++)
        {
            byte c = (byte)((i & 1) == 0 ? words[i / 2] >> 8 : words[i / 2]);
            Text[i] = c >= ' ' && c < 127 ? c : (byte)'?';
            if (c != ' ' && c != 0)
            {
                length = i + 1;
            }
        }

        Text[length] = 0;
    }
}
