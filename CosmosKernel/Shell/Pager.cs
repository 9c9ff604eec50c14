using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>
/// "-- more --" at the bottom of a full screen: a page by the space bar, a row by Enter, the end by q. Only for commands typed at the
/// keyboard; nothing of it goes to COM1.
/// </summary>
internal static unsafe class Pager
{
    private const string Question = "-- more: space, enter, q --";

    /// <summary>Asks whether to go on.</summary>
    internal static void More()
    {
        TextScreen.SetAttribute(TextScreen.Bright);
        Show(false);
        TextScreen.SetAttribute(TextScreen.Normal);
        while (true)
        {
            byte key = Input.ReadKey();
            if (key == ' ' || key == '\n' || key == Keys.Down)
            {
                Show(true);
                TextScreen.NewRows = key == ' ' ? 0 : TextScreen.Rows - 2;
                return;
            }

            if (key == 'q' || key == 'Q' || key == Keys.Escape || key == InputQueue.ControlC)
            {
                Show(true);
                Interruption.Stop();
                Terminal.DropRest();
                return;
            }
        }
    }

    private static void Show(bool blank)
    {
        for (int i = 0; i < Question.Length; i++)
        {
            TextScreen.Write(blank ? (byte)' ' : (byte)Question[i]);
        }

        if (blank)
        {
            TextScreen.Write((byte)'\r');
        }
        else
        {
            TextScreen.ShowCursor();
            TextScreen.Write((byte)'\r');
        }
    }
}
